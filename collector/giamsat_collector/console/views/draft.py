# SPDX-License-Identifier: Apache-2.0
"""What the form that opens an incident prints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice
from giamsat_collector.console.views.incident import PLACED, TICKS, Known, Text, Tick, field, groups, ticks
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.incidents.incident import Incident
from giamsat_collector.registry.snapshot import Registry

WRITTEN: Final = ("persons", "reason", "owner", "first_actions", *PLACED)
"""What the form that opens an incident holds beside its title, group and boxes."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """The form that opens an incident of some alerts, or adds them to one that is open; of none, a person tells of it.

    `counted` is the moment of detection unless somebody says another one.
    """

    ids: str
    rows: tuple[AlertRow, ...]
    title: str
    detected: Moment
    detected_field: str
    counted: str
    groups: tuple[Choice, ...]
    ticks: tuple[Tick, ...]
    said: Mapping[str, str]
    open: tuple[Choice, ...]
    placed: tuple[Text, ...]
    known: Known

    @classmethod
    def of(
        cls,
        alerts: Sequence[Alert],
        standing: Iterable[Incident],
        said: Mapping[str, str],
        registry: Registry,
        reader: Reader,
    ) -> "DraftView":
        """The form with what was said so far."""
        strongest = min(alerts, key=lambda one: (one.priority, one.opened_ns), default=None)
        named = words.visible(reader.choice(strongest.title_vi, strongest.title_en)) if strongest else ""
        first_ns = min((one.opened_ns for one in alerts), default=reader.now_ns)
        return cls(
            ids=",".join(one.id for one in alerts),
            rows=tuple(AlertRow.of(one, registry, reader) for one in alerts),
            title=said.get("title") or named,
            detected=reader.moment(first_ns),
            detected_field=said.get("detected") or field(first_ns, reader),
            counted=field(first_ns, reader),
            groups=groups(said.get("group", ""), reader),
            ticks=ticks({name: name in said for name in TICKS}, reader),
            said={name: said.get(name, "") for name in WRITTEN},
            open=tuple(
                Choice(f"{one.number}. {words.visible(one.title)}", "", str(one.number)) for one in standing if alerts
            ),
            placed=tuple(Text(name, reader.text(label), "", said.get(name, "")) for name, label in PLACED.items()),
            known=Known.of(registry),
        )
