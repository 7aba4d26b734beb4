# SPDX-License-Identifier: Apache-2.0
"""What the page of an alert prints of the alert that stands for it, and of those it stands for."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Alert, Relation
from giamsat_collector.alerts.folding import shared
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import at
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.registry.snapshot import Registry

NAMED: Final = 3
"""Of what two alerts have in common so much is named."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The alert that stands for another, and some of the `number` that one stands for; `open` of these go on."""

    cause: Alert | None = None
    consequences: tuple[Alert, ...] = ()
    number: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class StandingView:
    """The same in words. `why` says what the alert has to do with its `cause`, `until` how long it stands behind it.

    `said` is of those it stands for, `every` is where all of them are listed.
    """

    cause: AlertRow | None
    why: str
    until: str
    title: str
    consequences: tuple[AlertRow, ...]
    said: str
    every: str

    @classmethod
    def of(cls, alert: Alert, standing: Standing, registry: Registry, reader: Reader) -> "StandingView":
        """What stands before an alert and behind it, as it looks to a reader."""
        same = any(one.relation is Relation.SAME for one in standing.consequences)
        return cls(
            cause=AlertRow.of(standing.cause, registry, reader) if standing.cause else None,
            why=_why(alert, standing.cause, reader),
            until="" if standing.cause is None or alert.state.closed else _until(alert, reader),
            title=reader.text("Cùng vụ" if same else "Hệ quả"),
            consequences=tuple(AlertRow.of(one, registry, reader) for one in _in_order(standing.consequences)),
            said=_said(standing, reader, same=same),
            every=at("/alerts", [("state", ""), ("cause", alert.id)]),
        )


def _in_order(every: tuple[Alert, ...]) -> list[Alert]:
    """What tells of the same in the order in which it happened; the others as they come, the most urgent first."""
    return sorted(every, key=lambda one: one.first_ns if one.relation is Relation.SAME else 0)


def _why(alert: Alert, cause: Alert | None, reader: Reader) -> str:
    if cause is None or alert.relation is not Relation.SAME:
        return reader.text("Cảnh báo này là hệ quả, không vào hàng đợi. Nguyên nhân:")
    both = shared(alert.groups, cause.groups)
    named = "; ".join(map(words.visible, both[:NAMED])) + ("; …" if len(both) > NAMED else "")
    where = reader.text("cùng máy" if alert.asset == cause.asset else "cùng đơn vị")
    said = "Cảnh báo này nói về cùng một vụ ({both}, {where}) nên không vào hàng đợi. Đại diện là:"
    return reader.text(said, both=named, where=where)


def _until(alert: Alert, reader: Reader) -> str:
    if alert.relation is Relation.SAME:
        return reader.text(
            "Nếu cảnh báo đó là báo động giả, hoặc cảnh báo này nói thêm về kẻ khác, nó tự vào hàng đợi. "
            "Cảnh báo đó được kết luận đã xử lý thì cảnh báo này đóng theo."
        )
    return reader.text("Khi nguyên nhân hết mà máy vẫn im lặng, cảnh báo này tự vào hàng đợi.")


def _said(standing: Standing, reader: Reader, *, same: bool) -> str:
    numbers = {"number": reader.number(standing.number), "open": reader.number(standing.open)}
    if same:
        said = (
            "{number} cảnh báo nói về cùng vụ này; {open} chưa hết. Kết luận đã xử lý thì chúng đóng theo, "
            "báo động giả thì chúng vào hàng đợi."
        )
        return reader.text(said, count=standing.number, **numbers)
    said = "{number} cảnh báo là hệ quả của cảnh báo này; {open} chưa hết."
    return reader.text(said, count=standing.number, **numbers)
