# SPDX-License-Identifier: Apache-2.0
"""An incident as JSON: for the command line, the API and a file. Times are RFC 3339 in UTC."""

from collections.abc import Iterable
from typing import Any

from giamsat_collector.alerts.shape import as_json as alert_as_json
from giamsat_collector.event_time import instant
from giamsat_collector.incidents.duties import Owed
from giamsat_collector.incidents.incident import Change, Incident, Place, Sent
from giamsat_collector.incidents.search import Listed, Whole
from giamsat_wire.clock import SECOND_NS


def as_json(row: Listed, now_ns: int) -> dict[str, Any]:
    """One line of a list."""
    return {**_short(row.incident, row.places, row.owed, now_ns), "alerts": row.alerts}


def as_full_json(whole: Whole, now_ns: int) -> dict[str, Any]:
    """Everything known of one incident."""
    incident = whole.incident
    return {
        **_short(incident, whole.places, whole.owed, now_ns),
        "alerts": [alert_as_json(alert) for alert in whole.alerts],
        "first_actions": incident.first_actions,
        "cause": incident.cause,
        "scope": incident.scope,
        "remedy": incident.remedy,
        "revision": incident.revision,
        "sent": [_sent(one) for one in whole.sent],
        "history": [_change(one) for one in whole.history],
    }


def _short(incident: Incident, places: Iterable[Place], owed: Iterable[Owed], now_ns: int) -> dict[str, Any]:
    return {
        "number": incident.number,
        "title": incident.title,
        "group": incident.group.value,
        "state": incident.state.value,
        "serious": incident.serious,
        "security_interest": incident.security_interest,
        "interruption": incident.interruption,
        "personal_data": incident.personal_data,
        "persons": incident.persons,
        "detected": instant(incident.detected_ns),
        "detected_why": incident.detected_why,
        "told_by": incident.told_by,
        "owner": incident.owner,
        "opened": instant(incident.opened_ns),
        "opened_by": incident.opened_by,
        "closed": None if incident.closed_ns is None else instant(incident.closed_ns),
        "places": [{"unit": one.unit, "system": one.system, "level": one.level} for one in places],
        "reports": [_owed(one, now_ns) for one in owed],
    }


def _owed(one: Owed, now_ns: int) -> dict[str, Any]:
    return {
        "report": one.duty.report.value,
        "standing": one.standing(now_ns).value,
        "due": instant(one.due_ns),
        "left_seconds": one.left_ns(now_ns) // SECOND_NS,
        "addressee": one.duty.addressee,
        "law": one.duty.law,
        "sent": None if one.sent is None else instant(one.sent.sent_ns),
        "document": None if one.sent is None else one.sent.document,
        "by": None if one.sent is None else one.sent.actor,
    }


def _sent(one: Sent) -> dict[str, Any]:
    return {
        "report": one.report.value,
        "sent": instant(one.sent_ns),
        "document": one.document,
        "by": one.actor,
        "recorded": instant(one.recorded_ns),
        "withdrawn": None if one.withdrawn_ns is None else instant(one.withdrawn_ns),
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "at": instant(one.at_ns),
        "actor": one.actor,
        "action": one.action,
        "before": one.before.value,
        "after": one.after.value,
        "details": {name: _said(name, value) for name, value in one.details.items()},
        "note": one.note,
    }


def _said(name: str, value: object) -> object:
    """A detail of a change; moments are written as everywhere."""
    if not name.endswith("_ns"):
        return value
    return [instant(each) for each in value] if isinstance(value, list) else instant(int(str(value)))
