# SPDX-License-Identifier: Apache-2.0
"""Finding incidents, and what belongs to them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.ledger import alert_of
from giamsat_collector.alerts.tables import alerts
from giamsat_collector.incidents import duties, ledger
from giamsat_collector.incidents.duties import Owed
from giamsat_collector.incidents.incident import Change, Incident, Place, Sent, State
from giamsat_collector.incidents.ledger import incident_of, sent_of
from giamsat_collector.incidents.tables import incidents, members, reports

LISTED: Final = 200
"""Incidents that are listed at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An incident as a list shows it; `alerts` is how many it has."""

    incident: Incident
    places: tuple[Place, ...]
    alerts: int
    owed: tuple[Owed, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Incidents, first those of which a report is owed, the next due first; whether there are more than are listed."""

    rows: tuple[Listed, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """An incident with all that belongs to it."""

    incident: Incident
    alerts: tuple[Alert, ...]
    sent: tuple[Sent, ...]
    history: tuple[Change, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Where a person says it is, and where its alerts came from."""
        return _ranked((*self.incident.places, *(Place(one.unit, one.system, one.level) for one in self.alerts)))

    @property
    def owed(self) -> tuple[Owed, ...]:
        """The reports that are owed."""
        return duties.owed(self.incident, self.sent)


def listed(connection: Connection, states: Collection[State]) -> Listing:
    """The newest incidents in these states, open ones before closed ones."""
    query = select(incidents).where(incidents.c.state.in_(states))
    order = (incidents.c.state == State.CLOSED, incidents.c.number.desc())
    found = [incident_of(row) for row in connection.execute(query.order_by(*order).limit(LISTED + 1)).mappings()]
    more, found = len(found) > LISTED, found[:LISTED]
    numbers = [one.number for one in found]
    sent, where = _sent(connection, numbers), _where(connection, numbers)
    rows = [
        Listed(one, _ranked((*one.places, *its)), sum(its.values()), duties.owed(one, sent[one.number]))
        for one in found
        for its in (where[one.number],)
    ]
    return Listing(tuple(sorted(rows, key=_urgency)), more)


def standing(connection: Connection) -> tuple[tuple[Incident, tuple[Owed, ...]], ...]:
    """Every open incident, and the reports owed on it."""
    query = select(incidents).where(incidents.c.state == State.OPEN).order_by(incidents.c.number)
    found = [incident_of(row) for row in connection.execute(query).mappings()]
    sent = _sent(connection, [one.number for one in found])
    return tuple((one, duties.owed(one, sent[one.number])) for one in found)


def whole(connection: Connection, number: int) -> Whole:
    """One incident with all that belongs to it, its alerts in the order they were raised.

    Raises:
        UnknownIncidentError: there is none of this number.
    """
    incident = ledger.get(connection, number)
    query = select(alerts).join(members, members.c.alert == alerts.c.id).where(members.c.incident == number)
    rows = connection.execute(query.order_by(alerts.c.opened_ns, alerts.c.id)).mappings()
    its = tuple(alert_of(row) for row in rows)
    return Whole(incident, its, ledger.sent(connection, number), ledger.history(connection, number))


def of_alerts(connection: Connection, ids: Collection[str]) -> Mapping[str, tuple[Incident, ...]]:
    """The incidents each of these alerts belongs to, the newest first; those that belong to none are left out."""
    query = select(members.c.alert, incidents).join(incidents).where(members.c.alert.in_(ids))
    found: dict[str, list[Incident]] = defaultdict(list)
    for row in connection.execute(query.order_by(incidents.c.number.desc())).mappings():
        found[row["alert"]].append(incident_of(row))
    return {alert: tuple(its) for alert, its in found.items()}


def counts(connection: Connection) -> Mapping[State, int]:
    """How many incidents are in each state."""
    rows = connection.execute(select(incidents.c.state, func.count()).group_by(incidents.c.state))
    found = {State(row[0]): row[1] for row in rows}
    return {state: found.get(state, 0) for state in State}


def _sent(connection: Connection, numbers: Collection[int]) -> Mapping[int, list[Sent]]:
    found: dict[int, list[Sent]] = defaultdict(list)
    rows = connection.execute(select(reports).where(reports.c.incident.in_(numbers)).order_by(reports.c.id))
    for row in rows.mappings():
        found[row["incident"]].append(sent_of(row))
    return found


def _where(connection: Connection, numbers: Collection[int]) -> Mapping[int, Mapping[Place, int]]:
    """How many alerts came from which place, by incident."""
    place = (alerts.c.unit, alerts.c.system, alerts.c.level)
    query = select(members.c.incident, *place, func.count().label("number")).join(alerts)
    rows = connection.execute(query.where(members.c.incident.in_(numbers)).group_by(members.c.incident, *place))
    found: dict[int, dict[Place, int]] = defaultdict(dict)
    for row in rows:
        found[row.incident][Place(row.unit, row.system, row.level)] = row.number
    return found


def _ranked(places: Iterable[Place]) -> tuple[Place, ...]:
    """Each once, of the highest level first; what nobody classified counts as the highest."""
    return tuple(sorted(set(places), key=lambda one: (-(one.level or 6), one.unit, one.system or "")))


def _urgency(row: Listed) -> tuple[bool, int, int]:
    due = [one.due_ns for one in row.owed if one.sent is None]
    return row.incident.state is State.CLOSED, min(due, default=1 << 62), -row.incident.number
