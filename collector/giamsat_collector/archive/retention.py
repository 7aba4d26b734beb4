# SPDX-License-Identifier: Apache-2.0
"""Which day files may go: those whose every frame is older than the level owes. Decides only."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from giamsat_collector.archive.day import Day


def kept_days(level: int, owed: Mapping[int, int], least: int) -> int:
    """For how many days frames of a level are kept: as many as it owes, and never fewer than `least`."""
    return max(owed.get(level, 0), least)


def due(days: Iterable[Day], today: date, owed: Mapping[int, int], least: int) -> Iterator[Day]:
    """The files that may go on a day (UTC): one more than is owed is kept, so that its last hour is old enough."""
    for day in days:
        if day.date < today - timedelta(days=kept_days(day.level, owed, least)):
            yield day
