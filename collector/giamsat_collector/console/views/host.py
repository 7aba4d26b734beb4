# SPDX-License-Identifier: Apache-2.0
"""What the page of one host prints."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import at
from giamsat_collector.coverage.completeness import Completeness, Data, Line
from giamsat_wire.lane import Lane

DATA: Final = {
    Data.FULL: "đủ dữ liệu",
    Data.PARTLY: "thiếu dữ liệu",
    Data.NONE: "không có dữ liệu",
    Data.BEFORE: "chưa giám sát",
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
        hour, blind = line.hour, line.data in {Data.NONE, Data.BEFORE}
        before = line.data is Data.BEFORE
        return cls(
            start=reader.moment(hour.start_ns),
            data=reader.text(DATA[line.data]),
            data_code=line.data.value,
            minutes=UNKNOWN if before else f"{hour.minutes}/{line.owed_minutes}",
            frames=tuple(UNKNOWN if before else reader.number(hour.frames.get(lane, 0)) for lane in Lane),
            lost=UNKNOWN if before else reader.number(hour.lost + hour.unread),
            alerts=UNKNOWN if blind and not line.alerts else reader.number(line.alerts),
        )


@dataclass(frozen=True, slots=True)
class HostView:
    """A host and its last hours, what waits at its agent, when its logs were heard, and what the agent counts."""

    name: str
    asset: str
    unit: str
    alerts: str
    lanes: tuple[str, ...]
    hours: tuple[HourRow, ...]
    waiting: tuple[tuple[str, str, str], ...]
    sources: tuple[tuple[str, Moment], ...]
    counters: tuple[tuple[str, str], ...]
    refresh: str

    @classmethod
    def of(cls, status: HostStatus, found: Completeness, reader: Reader) -> "HostView":
        """A host as it looks to a reader now."""
        return cls(
            name=words.visible(status.name),
            asset=words.visible(status.asset),
            unit=words.visible(status.unit_name),
            alerts=at("/alerts", [("asset", status.asset)]),
            lanes=tuple(reader.text(LANES[lane.name.lower()]) for lane in Lane),
            hours=tuple(HourRow.of(line, reader) for line in found.lines),
            waiting=tuple(
                (reader.text(LANES[lane]), reader.number(waits.frames), reader.number(waits.given_up))
                for lane, waits in found.waiting.items()
            ),
            sources=tuple(
                (words.visible(source), reader.moment(at_ns)) for source, at_ns in sorted(found.sources.items())
            ),
            counters=tuple((words.visible(name), f"{value:g}") for name, value in sorted(found.counters.items())),
            refresh=f"/hosts/{status.asset}",
        )
