# SPDX-License-Identifier: Apache-2.0
"""What is printed of what else happened on the host of an alert."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.archive.around import Around
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views.evidence import Event
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.registry.snapshot import Registry
from giamsat_wire import record

MINUTES: Final = (15, 5, 60)
"""How far before and after the beginning of an alert, the usual one first."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event, or an alert that began then; exactly one of them. `own`: within the time the alert tells of."""

    at: Moment
    event: Event | None
    alert: AlertRow | None
    own: bool


@dataclass(frozen=True, slots=True)
class AroundView:
    """The page."""

    row: AlertRow
    host: str
    spans: tuple[Choice, ...]
    lines: tuple[Line, ...]
    lacking: tuple[str, ...]

    @classmethod
    def of(
        cls,
        alert: Alert,
        found: Around,
        others: Iterable[Alert],
        registry: Registry,
        reader: Reader,
        *,
        minutes: int,
    ) -> "AroundView":
        """What happened so many minutes around an alert's beginning, in order of time, as it looks to a reader."""

        def own(at_ns: int) -> bool:
            return alert.first_ns <= at_ns <= alert.last_ns

        lines = [
            (at_ns, Line(reader.moment(at_ns), _event(at_ns, event, reader), None, own(at_ns)))
            for at_ns, event in found.events
        ]
        lines += [
            (one.first_ns, Line(reader.moment(one.first_ns), None, AlertRow.of(one, registry, reader), one is alert))
            for one in (alert, *others)
        ]
        return cls(
            row=AlertRow.of(alert, registry, reader),
            host=f"/hosts/{alert.asset}",
            spans=tuple(
                Choice(
                    reader.text("±{count} phút", count=each),
                    at(f"/alerts/{alert.id}/around", [("minutes", str(each))]),
                    current=each == minutes,
                )
                for each in sorted(MINUTES)
            ),
            lines=tuple(line for _, line in sorted(lines, key=lambda one: one[0])),
            lacking=tuple(_lacking(found, reader)),
        )


def _event(at_ns: int, event: record.Event, reader: Reader) -> Event:
    return Event.of({**event.fields, "event.action": event.kind, "@timestamp": at_ns}, reader)


def _lacking(found: Around, reader: Reader) -> Iterable[str]:
    if not found.events:
        yield reader.text("Kho nhật ký không có sự kiện nào của máy này trong khoảng thời gian này.")
    if found.beyond:
        number = reader.number(found.beyond)
        yield reader.text("Còn {number} sự kiện xa hơn không hiện; hãy chọn khoảng ngắn hơn.", number=number)
    if found.unread:
        yield reader.text("{number} khung không đọc được.", number=reader.number(found.unread))
