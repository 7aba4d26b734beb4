# SPDX-License-Identifier: Apache-2.0
"""The rows of alerts: every change of an alert goes through here and leaves a row in its history."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, insert, select, update

from giamsat_collector.alerts import grouping, lifecycle, offenders
from giamsat_collector.alerts.alert import Alert, Apart, Change, GroupCount, Relation, State
from giamsat_collector.alerts.causes import Placing
from giamsat_collector.alerts.lifecycle import Action, Request
from giamsat_collector.alerts.tables import alerts, changes
from giamsat_collector.errors import UnknownError
from giamsat_collector.registry.record import Placement
from giamsat_rules.verdict import Verdict

_FIELDS: Final = tuple(field.name for field in fields(Alert))
_OF_GROUP: Final = tuple(field.name for field in fields(GroupCount))
# Made once: making one for each of many alerts takes several times what the database does.
_ONE: Final = select(alerts).where(alerts.c.id == bindparam("its"))
_OPEN: Final = select(alerts).where(
    alerts.c.rule == bindparam("of"), alerts.c.asset == bindparam("about"), ~alerts.c.closed
)
_SAME: Final = (
    select(alerts)
    .where(~alerts.c.closed, alerts.c.cause == bindparam("its"), alerts.c.relation == Relation.SAME)
    .order_by(alerts.c.id)
)
_INSERT: Final = insert(alerts)
_UPDATE: Final = update(alerts).where(alerts.c.id == bindparam("its"))
_LOG: Final = insert(changes)


class UnknownAlertError(UnknownError):
    """There is no alert with this id."""


class Entry(NamedTuple):
    """A verdict, where its asset stood when it happened, and the maintenance that it fell into."""

    verdict: Verdict
    placement: Placement
    apart: Apart | None = None


def record(connection: Connection, entries: Iterable[Entry], now_ns: int) -> list[Alert]:
    """Add each verdict to the open alert of its rule and asset, or open one; the alerts that this changed.

    An alert is read and written once, however many verdicts it is told of: nobody else writes meanwhile.
    One that waits apart comes into the queue as soon as something happens that need not.
    The caller's transaction also holds the cursor of what was judged, so each verdict is recorded exactly once.
    """
    of_alert: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        of_alert.setdefault((entry.verdict.rule, entry.verdict.subject.asset), []).append(entry)
    return [alert for its in of_alert.values() for alert in _recorded(connection, its, now_ns)]


def surface(connection: Connection, now_ns: int) -> int:
    """What waits apart and still goes on when its maintenance is over comes into the queue; how many alerts did."""
    return _surface(connection, alerts.c.maintenance.is_not(None) & (alerts.c.surfaces_ns <= now_ns), now_ns)


def surface_of(connection: Connection, maintenance: int, now_ns: int) -> int:
    """Everything open that waits apart for one maintenance comes into the queue; how many alerts did."""
    return _surface(connection, alerts.c.maintenance == maintenance, now_ns)


def place(connection: Connection, placing: Placing, now_ns: int) -> None:
    """Put an alert behind its cause, or into the queue. Only a longer or shorter wait is no news."""
    alert = get(connection, placing.alert)
    relation = None if placing.cause is None else placing.relation
    _write(connection, alert, replace(alert, cause=placing.cause, surfaces_ns=placing.surfaces_ns, relation=relation))
    if placing.cause != alert.cause:
        action = _placed(alert, placing, now_ns)
        note = placing.cause or alert.cause or ""
        _log(connection, Change(alert.id, now_ns, lifecycle.SYSTEM, action, alert.state, alert.state, None, note))


def open_alert(connection: Connection, rule: str, asset: str) -> Alert | None:
    """The alert of a rule about an asset that is not closed."""
    row = connection.execute(_OPEN, {"of": rule, "about": asset}).mappings().first()
    return None if row is None else alert_of(row)


def get(connection: Connection, alert_id: str) -> Alert:
    """One alert.

    Raises:
        UnknownAlertError: there is none with this id.
    """
    row = connection.execute(_ONE, {"its": alert_id}).mappings().first()
    if row is None:
        raise UnknownAlertError(
            "no such alert: {alert_id}; 'giamsat-collector alerts list' shows them", alert_id=alert_id[:40]
        )
    return alert_of(row)


def move(connection: Connection, alert_id: str, request: Request, now_ns: int) -> Alert:
    """Do what somebody asks for. What tells of the same as an alert that is resolved is resolved with it.

    Raises:
        UnknownAlertError, lifecycle.ConflictError, RefusedError: it is not possible; nothing was changed.
    """
    before = get(connection, alert_id)
    alert, change = lifecycle.decide(before, request, now_ns)
    _write(connection, before, alert)
    _log(connection, change)
    if alert.state.closed:
        _let_go(connection, alert, request, now_ns)
    return alert


def history(connection: Connection, alert_id: str) -> tuple[Change, ...]:
    """Everything that was done with an alert, oldest first."""
    rows = connection.execute(select(changes).where(changes.c.alert == alert_id).order_by(changes.c.id))
    return tuple(
        Change(row.alert, row.at_ns, row.actor, row.action, State(row.before), State(row.after), row.owner, row.note)
        for row in rows
    )


def alert_of(row: RowMapping | Mapping[str, Any]) -> Alert:
    """The alert a row holds."""
    values = {name: row[name] for name in _FIELDS}
    values["state"] = State(values["state"])
    values["relation"] = None if values["relation"] is None else Relation(values["relation"])
    values["groups"] = tuple(GroupCount(**group) for group in values["groups"])
    values["evidence"] = tuple(values["evidence"])
    values["techniques"] = tuple(values["techniques"])
    return Alert(**values)


def _recorded(connection: Connection, entries: Sequence[Entry], now_ns: int) -> Iterator[Alert]:
    """What verdicts of one rule about one asset change; `written` is the alert as the rows have it."""
    before = written = alert = open_alert(connection, entries[0].verdict.rule, entries[0].verdict.subject.asset)
    for entry in entries:
        over = entry.verdict.change in {"cleared", "ended"}
        if written is None or alert is None:
            written = alert = None if over else _opened(connection, entry, now_ns)
        elif not over:
            alert = _joined(connection, alert, entry, now_ns)
        elif (left := grouping.ended(alert, entry.verdict)) is not alert and left.condition_cleared:
            yield _cleared(connection, written, left, now_ns)
            before = written = alert = None
        else:
            alert = left
    if written is not None and alert is not None and alert is not before:
        if alert is not written:
            _write(connection, written, alert)
        yield alert


def _opened(connection: Connection, entry: Entry, now_ns: int) -> Alert:
    alert = _waiting(grouping.opened(entry.verdict, entry.placement, now_ns), entry.apart)
    while _exists(connection, alert.id):
        # The same first occurrence opened an alert that is closed by now: this one begins at the next free id.
        alert = replace(alert, id=f"{int(alert.id, 16) + 1 & (1 << 64) - 1:016x}")
    searchable = grouping.searchable(alert, entry.placement)
    connection.execute(_INSERT, _values(alert) | {"searchable": searchable})
    offenders.keep(connection, None, alert)
    _log(connection, Change(alert.id, now_ns, lifecycle.SYSTEM, lifecycle.OPENED, State.NEW, State.NEW, None, ""))
    return alert


def _joined(connection: Connection, alert: Alert, entry: Entry, now_ns: int) -> Alert:
    joined = grouping.joined(alert, entry.verdict, now_ns)
    if alert.maintenance is not None and entry.apart is None:
        _log(connection, _surfaced(alert.id, alert.state, now_ns))
    return _waiting(joined, entry.apart if alert.maintenance is not None else None)


def _surface(connection: Connection, which: ColumnElement[bool], now_ns: int) -> int:
    due = list(map(alert_of, connection.execute(select(alerts).where(~alerts.c.closed, which)).mappings()))
    for before in due:
        alert = _waiting(before, None)
        _write(connection, before, alert)
        _log(connection, _surfaced(alert.id, alert.state, now_ns))
    return len(due)


def _surfaced(alert: str, state: State, now_ns: int) -> Change:
    return Change(alert, now_ns, lifecycle.SYSTEM, lifecycle.SURFACED, state, state, None, "")


def _waiting(alert: Alert, apart: Apart | None) -> Alert:
    if apart is None:
        return replace(alert, maintenance=None, surfaces_ns=None)
    return replace(alert, maintenance=apart.maintenance, surfaces_ns=apart.surfaces_ns)


def _cleared(connection: Connection, before: Alert, alert: Alert, now_ns: int) -> Alert:
    note = "Điều kiện đã hết. / The condition has cleared."
    request = Request(Action.RESOLVE, lifecycle.SYSTEM, note=note)
    resolved, change = lifecycle.decide(alert, request, now_ns)
    _write(connection, before, resolved)
    _log(connection, change)
    _let_go(connection, resolved, request, now_ns)
    return resolved


def _let_go(connection: Connection, alert: Alert, request: Request, now_ns: int) -> None:
    """Close with an alert what tells of the same; unless it was nothing or is over by itself: then each is told."""
    for before in map(alert_of, connection.execute(_SAME, {"its": alert.id}).mappings().all()):
        if request.action is Action.RESOLVE and request.actor != lifecycle.SYSTEM:
            note = f"Đóng cùng cảnh báo {alert.id}. / Closed with alert {alert.id}."
            resolved, change = lifecycle.decide(before, replace(request, note=note, revision=None), now_ns)
            _write(connection, before, resolved)
            _log(connection, change)
        else:
            place(connection, Placing(before.id, None, relation=Relation.SAME), now_ns)


def _placed(alert: Alert, placing: Placing, now_ns: int) -> str:
    left, behind, back = _PLACED[placing.relation]
    if placing.cause is None:
        return back
    return left if alert.cause is None and alert.opened_ns < now_ns else behind


_PLACED: Final = {
    Relation.CONSEQUENCE: (lifecycle.CAUSED, lifecycle.BEHIND, lifecycle.RELEASED),
    Relation.SAME: (lifecycle.FOLDED, lifecycle.SAME, lifecycle.UNFOLDED),
}


def _exists(connection: Connection, alert_id: str) -> bool:
    return connection.execute(_ONE, {"its": alert_id}).first() is not None


def _write(connection: Connection, before: Alert, alert: Alert) -> None:
    """What is other than before: indexes of what is not are left alone."""
    was = _values(before)
    if changed := {name: value for name, value in _values(alert).items() if value != was[name]}:
        connection.execute(_UPDATE, changed | {"its": alert.id})
    offenders.keep(connection, before, alert)


def _values(alert: Alert) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(alert, name) for name in _FIELDS}
    values["state"], values["closed"] = alert.state.value, alert.state.closed
    values["groups"] = [{name: getattr(group, name) for name in _OF_GROUP} for group in alert.groups]
    values["threshold"] = dict(alert.threshold)
    values["evidence"] = list(alert.evidence)
    values["techniques"] = list(alert.techniques)
    return values


def _log(connection: Connection, change: Change) -> None:
    connection.execute(_LOG, asdict(change))
