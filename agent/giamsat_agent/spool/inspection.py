# SPDX-License-Identifier: Apache-2.0
"""What lies in a spool, looked at from outside: nothing is written, so it may be done while the agent runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from giamsat_agent.spool import segment
from giamsat_agent.spool.files import Readable
from giamsat_agent.spool.recovery import NAME, read_cursor
from giamsat_wire.lane import Lane


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """One file: its frames by number, its bytes, when it was begun (UNIX ns), where it is damaged if it is."""

    name: str
    size: int
    frames: int
    first: int
    last: int
    created_ns: int
    damaged_at: int | None


@dataclass(frozen=True, slots=True)
class LaneReport:
    """One lane: what waits to be acknowledged, since when, and what it lies in."""

    lane: Lane
    acked: int
    waiting: int
    oldest_ns: int | None
    size: int
    segments: tuple[SegmentReport, ...]

    @property
    def damaged(self) -> tuple[SegmentReport, ...]:
        """The files that are damaged somewhere."""
        return tuple(one for one in self.segments if one.damaged_at is not None)


def inspect(files: Readable, lane: Lane) -> LaneReport:
    """Look at one lane's folder.

    Raises:
        OSError: the folder cannot be read.
    """
    acked = read_cursor(files)
    reports = []
    waiting: set[int] = set()
    oldest_ns: int | None = None
    for name, data in _segments(files):
        report, numbers = _looked_at(name, data, lane)
        fresh = {number for number in numbers if number > acked}
        if fresh and oldest_ns is None:
            oldest_ns = report.created_ns
        waiting |= fresh
        reports.append(report)
    return LaneReport(lane, acked, len(waiting), oldest_ns, sum(one.size for one in reports), tuple(reports))


def _segments(files: Readable) -> Iterator[tuple[str, bytes]]:
    """Name and content of every segment; one that the running agent deletes meanwhile is passed over."""
    for name in sorted(name for name in files.names() if NAME.match(name)):
        try:
            yield name, files.read(name)
        except FileNotFoundError:
            continue


def _looked_at(name: str, data: bytes, lane: Lane) -> tuple[SegmentReport, list[int]]:
    seen = segment.survey(data, lane, int(name[:16], 16))
    numbers = [record.seq for record in seen.records if record.is_frame]
    described = next(
        (found for record in seen.records if record.flags & segment.SEGMENT if (found := segment.description(record))),
        None,
    )
    report = SegmentReport(
        name=name,
        size=len(data),
        frames=len(numbers),
        first=min(numbers, default=0),
        last=max(numbers, default=0),
        created_ns=described.created_ns if described else 0,
        damaged_at=seen.damaged_at,
    )
    return report, numbers
