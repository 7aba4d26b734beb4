# SPDX-License-Identifier: Apache-2.0
"""What the page prints on which an alert is hidden for a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.own_host import SELF
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.suppressing.hiding import DAYS, Preview
from giamsat_collector.suppressing.record import exactly
from giamsat_rules.suppression import TWO_PERSONS

SHOWN: Final = 20
"""So many of the alerts that would have been hidden are named."""
OFFERED: Final = 12
"""So many values are offered to be ticked."""
WIDTH: Final = 200
EXPIRES: Final = (("8h", "8 giờ"), ("1d", "1 ngày"), ("7d", "7 ngày"), ("30d", "30 ngày"), ("90d", "90 ngày"))


@dataclass(frozen=True, slots=True)
class Tick:
    """A value an alert must have to be hidden, offered to be ticked; `name` is the field's of the form."""

    name: str
    label: str
    value: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class HideView:
    """The form, with what was said in it before, and what that would have hidden."""

    alert: str
    title: str
    back: str
    rule: str
    places: tuple[Choice, ...]
    ticks: tuple[Tick, ...]
    expires: tuple[Choice, ...]
    reason: str
    document: str
    preview: str
    hidden: tuple[AlertRow, ...]
    more: str
    two_persons: bool

    @classmethod
    def of(
        cls, alert: Alert, said: Mapping[str, str], found: Preview | None, registry: Registry, reader: Reader
    ) -> "HideView":
        """An alert, what was chosen so far, and the preview of it; None where it cannot be made."""
        row = AlertRow.of(alert, registry, reader)
        system = registry.systems.get(alert.system or "")
        places = [("asset", reader.text("chỉ máy này: {name}", name=row.host))]
        if system:
            places.append(("system", reader.text("cả hệ thống: {name}", name=words.visible(system.name))))
        places.append(("unit", reader.text("cả đơn vị: {name}", name=row.unit)))
        chosen = said.get("place", "asset")
        wholly = [would.alert for would in found.found if would.whole] if found else []
        return cls(
            alert=alert.id,
            title=row.title,
            back=row.address,
            rule=alert.rule,
            places=tuple(Choice(text, "", code, code == chosen) for code, text in places),
            ticks=ticks(alert, said),
            expires=tuple(
                Choice(reader.text(text), "", code, code == said.get("expires", "7d")) for code, text in EXPIRES
            ),
            reason=said.get("reason", ""),
            document=said.get("document", ""),
            preview=_sentence(found, reader),
            hidden=tuple(AlertRow.of(one, registry, reader) for one in wholly[:SHOWN]),
            more=reader.text("và {number} cảnh báo nữa", number=reader.number(len(wholly) - SHOWN))
            if len(wholly) > SHOWN
            else "",
            two_persons=alert.asset == SELF or alert.level is None or alert.level >= TWO_PERSONS,
        )


def ticks(alert: Alert, said: Mapping[str, str]) -> tuple[Tick, ...]:
    """The values of an alert's sources; without a choice the first one is ticked."""
    offered: dict[tuple[str, str], None] = {}
    for group in alert.groups:
        for name, value in sorted(group.group.items()):
            if value and len(value) <= WIDTH:
                offered.setdefault((name, value))
    found = list(offered)[:OFFERED]
    asked = "place" in said
    return tuple(
        Tick(
            name=f"field{number}",
            label=words.visible(f"{name} = {value}"),
            value=f"{name}={value}",
            ticked=f"field{number}" in said if asked else number == 0,
        )
        for number, (name, value) in enumerate(found)
    )


def fields(alert: Alert, said: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """What asks for exactly the values that were ticked; what was never offered is not taken from a form."""
    chosen = [tick.value.partition("=") for tick in ticks(alert, said) if tick.ticked]
    return [exactly(name, value) for name, _, value in chosen]


def _sentence(found: Preview | None, reader: Reader) -> str:
    if found is None:
        return ""
    parts = len(found.found) - found.whole
    said = reader.text(
        "Trong {days} ngày qua sẽ không có {whole} trong {number} cảnh báo của quy tắc này.",
        days=DAYS,
        whole=reader.number(found.whole),
        number=reader.number(found.looked_at),
    )
    if parts:
        said += " " + reader.text("Thêm {number} cảnh báo sẽ bớt một phần.", number=reader.number(parts))
    return said
