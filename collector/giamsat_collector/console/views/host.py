# SPDX-License-Identifier: Apache-2.0
"""What the page of one host prints."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.hosts import HostRow
from giamsat_collector.console.views.readings import Readings
from giamsat_collector.coverage.completeness import Completeness, Data, Line
from giamsat_wire.lane import Lane

DATA: Final = {
    Data.FULL: "đủ dữ liệu",
    Data.PARTLY: "thiếu dữ liệu",
    Data.NONE: "không có dữ liệu",
}
LANES: Final = {"urgent": "khẩn", "event": "sự kiện", "metric": "chỉ số", "bulk": "dữ liệu lớn"}
UNKNOWN: Final = "—"
"""Printed where nothing can be counted, which is not 0."""


@dataclass(frozen=True, slots=True)
class HourRow:
    """An hour: how much is known, what came by lane, what was lost, and alerts where they could be seen."""

    start: Moment
    data: str
    data_code: str
    minutes: str
    frames: tuple[str, ...]
    lost: str
    alerts: str

    @classmethod
    def of(cls, line: Line, reader: Reader) -> "HourRow":
        """An hour as it looks to a reader."""
        hour = line.hour
        return cls(
            start=reader.moment(hour.start_ns),
            data=reader.text(DATA[line.data]),
            data_code=line.data.value,
            minutes=f"{hour.minutes}/{line.owed_minutes}",
            frames=tuple(reader.number(hour.frames.get(lane, 0)) for lane in Lane),
            lost=reader.number(hour.lost + hour.unread),
            alerts=UNKNOWN if line.data is Data.NONE and not line.alerts else reader.number(line.alerts),
        )


@dataclass(frozen=True, slots=True)
class HostView:
    """A host as it is now, its last hours, what waits at its agent, when its logs were heard, what the agent counts.

    `since` is the first hour in which it was watched, None when that was before the hours shown.
    """

    row: HostRow
    readings: Readings
    lanes: tuple[str, ...]
    hours: tuple[HourRow, ...]
    since: Moment | None
    waiting: tuple[tuple[str, str, str], ...]
    sources: tuple[tuple[str, Moment], ...]
    counters: tuple[tuple[str, str], ...]
    refresh: str

    @classmethod
    def of(cls, row: HostRow, readings: Readings, found: Completeness, reader: Reader) -> "HostView":
        """A host as it looks to a reader now."""
        watched = [line for line in found.lines if line.data is not Data.BEFORE]
        begun = min((line.hour.start_ns for line in watched), default=found.now_ns)
        return cls(
            row=row,
            readings=readings,
            lanes=tuple(reader.text(LANES[lane.name.lower()]) for lane in Lane),
            hours=tuple(HourRow.of(line, reader) for line in watched),
            since=reader.moment(begun) if len(watched) < len(found.lines) else None,
            waiting=tuple(
                (reader.text(LANES[lane]), reader.number(waits.frames), reader.number(waits.given_up))
                for lane, waits in found.waiting.items()
            ),
            sources=tuple(
                (words.visible(source), reader.moment(at_ns)) for source, at_ns in sorted(found.sources.items())
            ),
            counters=tuple((words.visible(name), f"{value:g}") for name, value in sorted(found.counters.items())),
            refresh=f"/hosts/{row.asset}",
        )
