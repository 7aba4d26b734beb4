# SPDX-License-Identifier: Apache-2.0
"""What the page of one host prints."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.hosts import HostRow
from giamsat_collector.console.views.readings import Readings
from giamsat_collector.coverage.completeness import Completeness, Data, Line
from giamsat_collector.coverage.source_minutes import Minute
from giamsat_collector.coverage.sources import Condition, Source, step_of
from giamsat_wire.lane import Lane

DATA: Final = {
    Data.FULL: "đủ dữ liệu",
    Data.PARTLY: "thiếu dữ liệu",
    Data.NONE: "không có dữ liệu",
}
CONDITIONS: Final = {
    Condition.STOPPED: "đã dừng",
    Condition.LOSING: "mất sự kiện",
    Condition.THROTTLED: "gửi quá nhiều",
    Condition.WAITING: "đang chờ gửi",
    Condition.QUIET: "không có gì mới",
    Condition.FLOWING: "đang gửi",
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
class SourceRow:
    """One source: how it is, what became of what it yielded in the hours shown, and what to do about it."""

    name: str
    condition: str
    condition_code: str
    counts: tuple[str, ...]
    heard: Moment | None
    step: str

    @classmethod
    def of(cls, name: str, found: Completeness, reader: Reader) -> "SourceRow":
        """A source as it looks to a reader."""
        source = found.sources.get(name) or Source(None, None, 0, 0, 0)
        total = found.totals.get(name) or Minute(found.asset, 0, name)
        condition = source.condition(found.now_ns)
        step = step_of(name, condition)
        counts = (total.produced, total.throttled, total.dropped, source.spooled, total.received, total.lost)
        return cls(
            name=words.visible(name),
            condition=reader.text(CONDITIONS[condition]),
            condition_code=condition.value,
            counts=tuple(map(reader.number, counts)),
            heard=None if source.heard_ns is None else reader.moment(source.heard_ns),
            step=reader.choice(step.vi, step.en) if step else "",
        )


@dataclass(frozen=True, slots=True)
class HostView:
    """A host as it is now, its last hours, what waits at its agent, how its sources are, what the agent counts.

    `since` is the first hour in which it was watched, None when that was before the hours shown.
    """

    row: HostRow
    readings: Readings
    lanes: tuple[str, ...]
    hours: tuple[HourRow, ...]
    since: Moment | None
    waiting: tuple[tuple[str, str, str], ...]
    sources: tuple[SourceRow, ...]
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
            sources=tuple(SourceRow.of(name, found, reader) for name in sorted({*found.sources, *found.totals})),
            counters=tuple(
                (words.visible(name), reader.amount(value)) for name, value in sorted(found.counters.items())
            ),
            refresh=f"/hosts/{row.asset}",
        )
