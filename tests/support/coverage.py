# SPDX-License-Identifier: Apache-2.0
"""Coverage as the shipped pack demands it, on parts a test has made."""

from giamsat_collector.archive.folder import Archive
from giamsat_collector.coverage.gather import Coverage
from giamsat_collector.judge import Judge
from giamsat_rules.load import load_obligations, load_pack, shipped
from support.judging import engine

PACK = load_pack(shipped().pack)
OBLIGATIONS = load_obligations(shipped().pack)


def coverage(parts):
    """On the registry, the fleet, the pages, the list of agents and the clock of `parts`."""
    judge = Judge(engine(), parts.registry, parts.pages, parts.fleet)
    archive = Archive(parts.folder / "archive")
    return Coverage(
        parts.registry, parts.fleet, parts.pages, judge, parts.allow_list, PACK, OBLIGATIONS, archive, parts.clock
    )
