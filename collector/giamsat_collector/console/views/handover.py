# SPDX-License-Identifier: Apache-2.0
"""What the page of a shift's hand-over prints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.alert import Alert, State
from giamsat_collector.alerts.lifecycle import Action
from giamsat_collector.alerts.shift import Note, Shift
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import Choice, at
from giamsat_collector.console.views.health import Health
from giamsat_collector.console.views.incidents import IncidentRow
from giamsat_collector.console.views.queue import AlertRow
from giamsat_collector.console.views.sources import summary
from giamsat_collector.console.views.words import Mark
from giamsat_collector.incidents.search import Listed
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.suppressing.record import Record

HOURS: Final = (8, 12, 24, 72)
"""How long a shift may have been, the usual one first."""
OPEN: Final = (State.NEW, State.ACKNOWLEDGED, State.ASSIGNED, State.WAITING)
DONE: Final = (Action.ACKNOWLEDGE, Action.ASSIGN, Action.WAIT, Action.RESOLVE, Action.FALSE_POSITIVE, Action.REOPEN)


@dataclass(frozen=True, slots=True)
class Left:
    """An alert that is left to the next shift, and the newest that was written down about it."""

    row: AlertRow
    note: str
    author: str


@dataclass(frozen=True, slots=True)
class Written:
    """A note of this shift."""

    at: Moment
    actor: str
    did: str
    title: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class Owner:
    """How many alerts somebody has, by the states of OPEN; `name` is empty for those nobody has."""

    name: str
    address: str
    counts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A shift as one hands it over."""

    hours: tuple[Choice, ...]
    since: Moment
    until: Moment
    opened: str
    marks: tuple[tuple[Mark, str], ...]
    done: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    owners: tuple[Owner, ...]
    urgent: tuple[Left, ...]
    urgent_number: str
    waiting: tuple[Left, ...]
    waiting_number: str
    notes: tuple[Written, ...]
    health: Health
    troubled: str
    incidents: tuple[IncidentRow, ...]
    ending: tuple[str, ...]

    @classmethod
    def of(
        cls,
        found: Shift,
        registry: Registry,
        reader: Reader,
        *,
        hours: int,
        health: Health,
        troubled: int,
        incidents: Iterable[Listed] = (),
        ending: Iterable[Record],
    ) -> "HandoverView":
        """A shift of so many hours as it looks to a reader now."""

        def left(alerts: Sequence[Alert]) -> tuple[Left, ...]:
            return tuple(_left(AlertRow.of(alert, registry, reader), found.last.get(alert.id)) for alert in alerts)

        return cls(
            hours=tuple(Choice(reader.text("{count} giờ", count=each), "", str(each), each == hours) for each in HOURS),
            since=reader.moment(reader.now_ns - hours * 3600 * 10**9),
            until=reader.moment(reader.now_ns),
            opened=reader.number(sum(found.opened.values())),
            marks=tuple((Mark.of(each), reader.number(found.opened[each])) for each in sorted(found.opened)),
            done=tuple(
                (reader.text(words.ACTIONS[each]), reader.number(found.done[each]))
                for each in DONE
                if each in found.done
            ),
            heads=tuple(reader.text(words.STATES[each]) for each in OPEN),
            owners=_owners(found.open, reader),
            urgent=left(found.urgent),
            urgent_number=reader.number(found.urgent_number),
            waiting=left(found.waiting),
            waiting_number=reader.number(found.waiting_number),
            notes=tuple(_written(note, reader) for note in found.notes),
            health=health,
            troubled=summary(troubled, reader) if troubled else "",
            incidents=tuple(IncidentRow.of(one, registry, reader) for one in incidents),
            ending=tuple(_ending(record, reader) for record in ending),
        )


def _left(row: AlertRow, note: Note | None) -> Left:
    return Left(row, words.visible(note.note) if note else "", words.visible(note.actor) if note else "")


def _written(note: Note, reader: Reader) -> Written:
    return Written(
        at=reader.moment(note.at_ns),
        actor=words.visible(note.actor),
        did=reader.text(words.DONE.get(note.action, note.action)),
        title=words.visible(reader.choice(note.title_vi, note.title_en)),
        address=f"/alerts/{note.alert}",
        note=words.visible(note.note),
    )


def _owners(counts: Mapping[tuple[str | None, str], int], reader: Reader) -> tuple[Owner, ...]:
    names = sorted({owner or "" for owner, _ in counts})
    return tuple(
        Owner(
            name=words.visible(name),
            address=at("/alerts", [("state", "open"), ("owner", name)] if name else [("state", State.NEW.value)]),
            counts=tuple(reader.number(counts.get((name or None, each.value), 0)) for each in OPEN),
        )
        for name in names
    )


def _ending(record: Record, reader: Reader) -> str:
    until = reader.moment(record.over_ns).local
    return f"{record.number} · {', '.join(map(words.visible, record.rules))} · {words.visible(record.reason)} → {until}"
