# SPDX-License-Identifier: Apache-2.0
"""Which day files may go: those whose every frame is older than the level owes. Decides only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from giamsat_collector.archive.day import Day


@dataclass(frozen=True, slots=True)
class Rise:
    """Assets that are of a higher level were taken for a lower one until a day (UTC): their frames lie in its files."""

    before: int
    after: int
    on: date


def kept_days(level: int, owed: Mapping[int, int], least: int) -> int:
    """For how many days frames of a level are kept: as many as it owes, and never fewer than `least`."""
    return max(owed.get(level, 0), least)


def due(
    days: Iterable[Day], today: date, owed: Mapping[int, int], least: int, rises: Iterable[Rise] = ()
) -> Iterator[Day]:
    """The files that may go on a day (UTC): one more than is owed is kept, so that its last hour is old enough.

    A file that holds frames of an asset which is of a higher level by now is kept for as long as that one owes.
    """
    risen = tuple(rises)
    for day in days:
        levels = {day.level, *(one.after for one in risen if one.before == day.level and day.date <= one.on)}
        if day.date < today - timedelta(days=max(kept_days(level, owed, least) for level in levels)):
            yield day
