# SPDX-License-Identifier: Apache-2.0
"""What one shift hands over to the next: what came in and was done since a moment, and what is open and whose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from giamsat_collector.alerts import lifecycle
from giamsat_collector.alerts.alert import Alert, State
from giamsat_collector.alerts.search import OPEN, Filter, count, open_by, search
from giamsat_collector.alerts.tables import alerts, changes

URGENT: Final = frozenset({"1", "2"})
LISTED: Final = 50
"""Alerts of a list at most; how many there are is told."""
NOTES: Final = 100


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote down about an alert, and what they did with it then."""

    alert: str
    title_vi: str
    title_en: str
    at_ns: int
    actor: str
    action: str
    note: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift.

    `opened` counts by priority what came in, `done` by action what people did; `open` counts by owner and state what
    stands in the queue. `urgent` and `waiting` are the first of so many; `last` is the newest note of each of them.
    """

    opened: Mapping[int, int]
    done: Mapping[str, int]
    open: Mapping[tuple[str | None, str], int]
    urgent: tuple[Alert, ...]
    urgent_number: int
    waiting: tuple[Alert, ...]
    waiting_number: int
    last: Mapping[str, Note]
    notes: tuple[Note, ...]


def read(connection: Connection, since_ns: int) -> Shift:
    """The shift that began then and goes on."""
    urgent = Filter(state=frozenset({OPEN}), priority=URGENT)
    waiting = Filter(state=frozenset({State.WAITING.value}))
    first_urgent = search(connection, urgent, limit=LISTED).alerts
    first_waiting = search(connection, waiting, limit=LISTED).alerts
    return Shift(
        opened=_opened(connection, since_ns),
        done=_done(connection, since_ns),
        open={(owner, state): number for (owner, state), number in open_by(connection, "owner", "state").items()},
        urgent=first_urgent,
        urgent_number=count(connection, urgent),
        waiting=first_waiting,
        waiting_number=count(connection, waiting),
        last=_last(connection, {alert.id for alert in (*first_urgent, *first_waiting)}),
        notes=_notes(connection, since_ns),
    )


def _opened(connection: Connection, since_ns: int) -> Mapping[int, int]:
    query = select(alerts.c.priority, func.count()).where(alerts.c.opened_ns >= since_ns).group_by(alerts.c.priority)
    return {row[0]: row[1] for row in connection.execute(query)}


def _done(connection: Connection, since_ns: int) -> Mapping[str, int]:
    by_people = changes.c.at_ns >= since_ns, changes.c.actor != lifecycle.SYSTEM
    query = select(changes.c.action, func.count()).where(*by_people).group_by(changes.c.action)
    return {row[0]: row[1] for row in connection.execute(query)}


_TOLD: Final = (
    select(
        changes.c.alert,
        alerts.c.title_vi,
        alerts.c.title_en,
        changes.c.at_ns,
        changes.c.actor,
        changes.c.action,
        changes.c.note,
    )
    .join(alerts)
    .where(changes.c.note != "", changes.c.actor != lifecycle.SYSTEM)
)


def _notes(connection: Connection, since_ns: int) -> tuple[Note, ...]:
    query = _TOLD.where(changes.c.at_ns >= since_ns).order_by(changes.c.at_ns.desc(), changes.c.id.desc())
    return tuple(Note(*row) for row in connection.execute(query.limit(NOTES)))


def _last(connection: Connection, ids: Collection[str]) -> Mapping[str, Note]:
    found = connection.execute(_TOLD.where(changes.c.alert.in_(ids)).order_by(changes.c.id))
    return {row.alert: Note(*row) for row in found}
