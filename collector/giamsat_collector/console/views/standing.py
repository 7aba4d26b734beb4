# SPDX-License-Identifier: Apache-2.0
"""What the page of an alert prints of the alert that stands for it, and of those it stands for."""

from dataclasses import dataclass

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.frame import at
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.registry.snapshot import Registry


@dataclass(frozen=True, slots=True)
class Standing:
    """The alert that stands for another, and some of the `number` that one stands for; `open` of these go on."""

    cause: Alert | None = None
    consequences: tuple[Alert, ...] = ()
    number: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class StandingView:
    """The same in words; `every` is where all consequences are listed, `waits`: this one is such and goes on."""

    cause: AlertRow | None
    consequences: tuple[AlertRow, ...]
    said: str
    every: str
    waits: bool

    @classmethod
    def of(cls, alert: Alert, standing: Standing, registry: Registry, reader: Reader) -> "StandingView":
        """What stands before an alert and behind it, as it looks to a reader."""
        return cls(
            cause=AlertRow.of(standing.cause, registry, reader) if standing.cause else None,
            consequences=tuple(AlertRow.of(one, registry, reader) for one in standing.consequences),
            said=reader.text(
                "{number} cảnh báo là hệ quả của cảnh báo này; {open} chưa hết.",
                count=standing.number,
                number=reader.number(standing.number),
                open=reader.number(standing.open),
            ),
            every=at("/alerts", [("state", ""), ("cause", alert.id)]),
            waits=standing.cause is not None and not alert.state.closed,
        )
