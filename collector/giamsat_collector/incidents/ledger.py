# SPDX-License-Identifier: Apache-2.0
"""The rows of incidents: every change goes through here and leaves a row in the history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from giamsat_collector.alerts.tables import alerts
from giamsat_collector.errors import RefusedError, UnknownError
from giamsat_collector.incidents import duties, lifecycle
from giamsat_collector.incidents.incident import Change, Group, Incident, Report, Sent, State
from giamsat_collector.incidents.lifecycle import Action, Request
from giamsat_collector.incidents.tables import changes, incidents, members, reports
from giamsat_wire.limits import NUMBER

MOST: Final = 200
"""Alerts of one incident."""
_FIELDS: Final = tuple(field.name for field in fields(Incident))
_CHANGE: Final = tuple(field.name for field in fields(Change))
_SENT: Final = tuple(field.name for field in fields(Sent))


class UnknownIncidentError(UnknownError):
    """There is no incident of this number."""


def opened(connection: Connection, incident: Incident, chosen: Sequence[str], note: str = "") -> Incident:
    """Keep a new incident of these alerts. Where nobody said why another, it was detected when the first was raised.

    One of none of which a person told was detected when it is opened.

    Raises:
        RefusedError: an alert is not there, or they are too many; or there is none, and nobody says where it is.
    """
    if not chosen and incident.stands_alone:
        kept = incident
    else:
        first_ns = _first_ns(connection, chosen)
        kept = incident if incident.detected_why else replace(incident, detected_ns=first_ns)
    row = {name: value for name, value in asdict(kept).items() if name != "number"}
    number = connection.execute(insert(incidents).values(**row)).inserted_primary_key
    assert number is not None  # noqa: S101 - the row was just made
    kept = replace(kept, number=int(number[0]))
    if chosen:
        _join(connection, kept.number, chosen)
    details = {"alerts": list(chosen), "detected_ns": kept.detected_ns}
    at_ns, who = kept.opened_ns, kept.opened_by
    _log(connection, Change(kept.number, at_ns, who, lifecycle.OPENED, State.OPEN, State.OPEN, details, note))
    return kept


def move(connection: Connection, number: int, request: Request, now_ns: int) -> Incident:
    """Do what somebody asks for.

    Raises:
        UnknownIncidentError, ConflictError, RefusedError: it is not possible; nothing was changed.
    """
    incident = get(connection, number)
    owed = {one.duty.report for one in duties.unsent(incident, sent(connection, number))}
    moved, change = lifecycle.decide(incident, request, now_ns, owed)
    match request.action:
        case Action.ADD:
            moved = _added(connection, moved, request.alerts)
        case Action.REMOVE:
            _removed(connection, moved, request.alerts)
        case Action.CHANGE if incident.stands_alone and not moved.stands_alone and not _alerts(connection, number):
            raise RefusedError(
                "{number}: no alert tells of it; say where it is (a unit or a system), and who told of it",
                number=number,
            )
        case Action.SENT:
            _record(connection, number, request, now_ns)
        case Action.WITHDRAW:
            _withdraw(connection, number, request.report, now_ns)
        case _:
            pass
    row = {name: value for name, value in asdict(moved).items() if name != "number"}
    connection.execute(update(incidents).where(incidents.c.number == number).values(**row))
    _log(connection, _told(change, incident, moved))
    return moved


def get(connection: Connection, number: int) -> Incident:
    """One incident.

    Raises:
        UnknownIncidentError: there is none of this number.
    """
    wanted = select(incidents).where(incidents.c.number == number)
    row = connection.execute(wanted).mappings().first() if 0 < number <= NUMBER else None
    if row is None:
        raise UnknownIncidentError(
            "no such incident: {number}; 'giamsat-collector incidents list' shows them", number=number
        )
    return incident_of(row)


def sent(connection: Connection, number: int) -> tuple[Sent, ...]:
    """The reports on an incident that were sent, withdrawn ones too, in the order they were recorded."""
    rows = connection.execute(select(reports).where(reports.c.incident == number).order_by(reports.c.id)).mappings()
    return tuple(sent_of(row) for row in rows)


def history(connection: Connection, number: int) -> tuple[Change, ...]:
    """Everything that was done with an incident, oldest first."""
    rows = connection.execute(select(changes).where(changes.c.incident == number).order_by(changes.c.id))
    return tuple(
        Change(
            **{**{name: row[name] for name in _CHANGE}, "before": State(row["before"]), "after": State(row["after"])}
        )
        for row in rows.mappings()
    )


def incident_of(row: RowMapping) -> Incident:
    """The incident a row holds."""
    values: dict[str, Any] = {name: row[name] for name in _FIELDS}
    return Incident(**{**values, "group": Group(values["group"]), "state": State(values["state"])})


def sent_of(row: RowMapping) -> Sent:
    """The sent report a row holds."""
    return Sent(**{**{name: row[name] for name in _SENT}, "report": Report(row["report"])})


def change_of(row: RowMapping) -> Change:
    """The change a row holds."""
    values: dict[str, Any] = {name: row[name] for name in _CHANGE}
    return Change(**{**values, "before": State(values["before"]), "after": State(values["after"])})


def _first_ns(connection: Connection, chosen: Collection[str]) -> int:
    """When the first of these alerts was raised."""
    if not chosen:
        raise RefusedError("an incident consists of alerts; name at least one ('giamsat-collector alerts list')")
    query = select(alerts.c.id, alerts.c.opened_ns).where(alerts.c.id.in_(chosen))
    found: dict[str, int] = {row.id: row.opened_ns for row in connection.execute(query)}
    missing = [one for one in chosen if one not in found]
    if missing:
        raise UnknownError(
            "no such alert: {alert_id}; 'giamsat-collector alerts list' shows them", alert_id=missing[0][:40]
        )
    return min(found.values())


def _join(connection: Connection, number: int, chosen: Sequence[str]) -> None:
    if len(chosen) != len(set(chosen)):
        raise RefusedError("an alert is named twice")
    has = _alerts(connection, number)
    already = [one for one in chosen if one in has]
    if already:
        raise RefusedError("alert {alert} belongs to incident {number} already", alert=already[0], number=number)
    if len(has) + len(chosen) > MOST:
        raise RefusedError("an incident has {most} alerts at most; leave out those that tell of the same", most=MOST)
    connection.execute(insert(members), [{"incident": number, "alert": one} for one in chosen])


def _alerts(connection: Connection, number: int) -> set[str]:
    """The alerts that belong to an incident."""
    return set(connection.scalars(select(members.c.alert).where(members.c.incident == number)))


def _added(connection: Connection, incident: Incident, chosen: Sequence[str]) -> Incident:
    first_ns = _first_ns(connection, chosen)
    _join(connection, incident.number, chosen)
    if incident.detected_why or first_ns >= incident.detected_ns:
        return incident
    return replace(incident, detected_ns=first_ns)


def _removed(connection: Connection, incident: Incident, chosen: Sequence[str]) -> None:
    """Take alerts out again. The moment of detection stays: who thinks that another counts says so, and why."""
    number, has = incident.number, _alerts(connection, incident.number)
    strange = [one for one in chosen if one not in has]
    if strange:
        raise RefusedError("{number}: {alert} is not one of its alerts", number=number, alert=strange[0][:40])
    if not chosen or (has <= set(chosen) and not incident.stands_alone):
        raise RefusedError("{number}: name alerts to take out; at least one stays", number=number)
    connection.execute(delete(members).where(members.c.incident == number, members.c.alert.in_(chosen)))


def _record(connection: Connection, number: int, request: Request, now_ns: int) -> None:
    assert request.report is not None  # noqa: S101 - what was decided names it
    told = Sent(request.report, request.sent_ns, request.document.strip(), request.actor, now_ns)
    connection.execute(insert(reports).values(**asdict(told), incident=number))


def _withdraw(connection: Connection, number: int, report: Report | None, now_ns: int) -> None:
    standing = (reports.c.incident == number) & (reports.c.report == report) & reports.c.withdrawn_ns.is_(None)
    if not connection.execute(update(reports).where(standing).values(withdrawn_ns=now_ns)).rowcount:
        raise RefusedError("{number}: no report of this kind is recorded as sent", number=number)


def _told(change: Change, before: Incident, after: Incident) -> Change:
    """The change, with the moment of detection where an alert that was added moved it."""
    if change.action != Action.ADD or before.detected_ns == after.detected_ns:
        return change
    moved: Mapping[str, object] = {"detected_ns": [before.detected_ns, after.detected_ns]}
    return replace(change, details={**change.details, **moved})


def _log(connection: Connection, change: Change) -> None:
    connection.execute(insert(changes).values(**asdict(change)))
