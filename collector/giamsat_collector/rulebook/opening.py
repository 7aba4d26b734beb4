# SPDX-License-Identifier: Apache-2.0
"""The rulebook a collector begins with, what judges by it, and what it may be exchanged for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

import structlog

from giamsat_collector.config import Rules
from giamsat_collector.errors import RefusedError, StartError
from giamsat_collector.judge import Judge
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.rulebook import Rulebook, read
from giamsat_collector.rulebook.shelf import Shelf
from giamsat_rules.bundle import Trust
from giamsat_rules.errors import RulesError
from giamsat_rules.key import public_key
from giamsat_rules.load import Folders, shipped

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Opened:
    """The rules in force and what judges by them; `configured` folders, the shelf, and whose bundles are taken."""

    configured: Folders
    trust: Trust | None
    shelf: Shelf
    judge: Judge
    force: InForce


def opened(said: Rules, folder: Path, zone: tzinfo, judging: Callable[[Rulebook], Judge]) -> Opened:
    """The rules of a collector whose shelf is in a folder; `judging` makes what judges by a rulebook.

    Raises:
        StartError: a file of keys that is named holds none.
        RefusedError: no rulebook can be read.
    """
    named, believed, shelf = configured(said), trust(said), Shelf(folder)
    number, book = in_force(shelf, named, zone)
    judge = judging(book)
    return Opened(named, believed, shelf, judge, InForce(book, judge, number))


def configured(said: Rules) -> Folders:
    """The folders the configuration names, or those that are shipped."""
    ours = shipped()
    return Folders(
        Path(said.detections) if said.detections else ours.detections,
        Path(said.pack) if said.pack else ours.pack,
        Path(said.overrides) if said.overrides else None,
    )


def trust(said: Rules) -> Trust | None:
    """Whose signatures count; None when no key is named.

    Raises:
        StartError: a file that is named holds no public key.
    """
    try:
        keys = [public_key(Path(key)) for key in said.keys]
    except RulesError as error:
        raise StartError(str(error)) from error
    return Trust(keys, said.threshold, said.audience) if keys else None


def in_force(shelf: Shelf, otherwise: Folders, zone: tzinfo) -> tuple[int, Rulebook]:
    """The rulebook taken in last, or the newest before it that can be read; a faulty rule is left out and said.

    Raises:
        RefusedError: none on the shelf can be read, nor the folders to read `otherwise`.
    """
    number, book = next(_readable(shelf, zone), None) or (0, read(otherwise, zone))
    for problem in (*book.rules.problems, *book.refused):
        log.error("rule_refused", reason=str(problem))
    return number, book


def _readable(shelf: Shelf, zone: tzinfo) -> Iterator[tuple[int, Rulebook]]:
    """The rulebooks on the shelf that can be read, from the one in force back to the first."""
    number = shelf.current
    while number:
        try:
            yield number, read(shelf.folders(number), zone)
        except RefusedError as error:
            log.error("rules_not_read", number=number, reason=str(error))  # noqa: TRY400 - the reason says it all
        about = shelf.about(number)
        number = min(about.follows, number - 1) if about else 0
