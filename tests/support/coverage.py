# SPDX-License-Identifier: Apache-2.0
"""Coverage as the shipped pack demands it, on parts a test has made."""

from giamsat_collector.archive.folder import Archive
from giamsat_collector.coverage.gather import Coverage
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.judge import Judge
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.rulebook import read
from giamsat_rules.load import shipped
from support.judging import engine

BOOK = read(shipped())
PACK, OBLIGATIONS = BOOK.pack, BOOK.duties[BOOK.pack.name]


def coverage(parts):
    """On the registry, the fleet, the pages, the list of agents and the clock of `parts`."""
    judge = Judge(engine(), parts.registry, parts.pages, parts.fleet)
    archive = Archive(parts.folder / "archive")
    books = getattr(parts, "books", None) or Books(lambda _: {})
    return Coverage(
        parts.registry,
        parts.fleet,
        parts.pages,
        judge,
        books,
        parts.allow_list,
        InForce(BOOK, judge),
        archive,
        parts.clock,
    )
