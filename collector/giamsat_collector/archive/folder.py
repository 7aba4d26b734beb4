# SPDX-License-Identifier: Apache-2.0
"""The folder of day files: `level-N/YYYY-MM-DD.frames`."""

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import attrgetter
from pathlib import Path
from typing import Final

from giamsat_collector.archive import day as day_file
from giamsat_collector.archive.day import SUFFIX, Day
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_wire import durable
from giamsat_wire.clock import SECOND_NS

_LEVEL: Final = re.compile(r"level-([1-5])")


class Archive:
    """Every day file below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: dict[Path, int] = {}

    def append(self, level: int, frames: Sequence[StoredFrame]) -> None:
        """Add frames of assets of a level, in the order of their ids; those already there are passed over.

        Raises:
            StoreError: they could not be made durable; adding them again is harmless.
        """
        by_date: dict[date, list[StoredFrame]] = {}
        for frame in frames:
            by_date.setdefault(received_on(frame.received_ns), []).append(frame)
        for on, its in by_date.items():
            self._append(Day(self._folder / f"level-{level}" / f"{on}{SUFFIX}", level, on), its)

    def _append(self, day: Day, frames: Sequence[StoredFrame]) -> None:
        known = self._last.pop(day.path, None)
        try:
            last = _begun(day) if known is None else known
            self._last[day.path] = day_file.append(day, frames, after_id=last)
            if known is None:  # also a file that is there: who made it may not have come to this
                for folder in (day.path.parent, self._folder, self._folder.parent):
                    durable.sync(folder)
        except OSError as error:
            self._last.pop(day.path, None)
            reason = f"cannot be written: {error.strerror}; free space on its disk, then it goes on by itself"
            raise StoreError(f"{day.path}: {reason}") from error

    def days(self) -> tuple[Day, ...]:
        """Every file, oldest first."""
        found = []
        for path in sorted(self._folder.glob(f"level-*/*{SUFFIX}")):
            level, on = _LEVEL.fullmatch(path.parent.name), _date(path.stem)
            if level and on:
                found.append(Day(path, int(level[1]), on))
        return tuple(sorted(found, key=attrgetter("date", "level")))

    def oldest(self) -> Mapping[int, int]:
        """When the oldest frame of each level was received (UNIX nanoseconds); levels without one are left out."""
        found: dict[int, int] = {}
        for day in self.days():
            if day.level not in found and (at_ns := day_file.oldest_ns(day)) is not None:
                found[day.level] = at_ns
        return found

    def forget(self, days: Iterable[Day]) -> None:
        """Delete files.

        Raises:
            StoreError: one of them stays, and those after it.
        """
        for day in days:
            try:
                day.path.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"{day.path}: cannot be deleted: {error.strerror}; look at its folder") from error
            self._last.pop(day.path, None)

    def frames(self, since_ns: int, until_ns: int) -> Iterator[StoredFrame]:
        """The frames of all levels received in a span, in the order they were committed."""
        dates: dict[date, list[Day]] = {}
        for day in self.days():
            if received_on(since_ns) <= day.date <= received_on(until_ns):
                dates.setdefault(day.date, []).append(day)
        last_id = 0
        for _, days in sorted(dates.items()):
            streams = (day_file.frames(day, since_ns, until_ns) for day in days)
            for frame in heapq.merge(*streams, key=attrgetter("id")):
                # An asset whose level changed while the collector was killed may stand in two files.
                if frame.id > last_id:
                    last_id = frame.id
                    yield frame


def _begun(day: Day) -> int:
    """The last id in a file as it was left; 0 where there is none, which then can be made."""
    if day.path.exists():
        return day_file.mended(day)
    day.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return 0


def received_on(at_ns: int) -> date:
    """The day of a time, in UTC."""
    return datetime.fromtimestamp(at_ns / SECOND_NS, UTC).date()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
