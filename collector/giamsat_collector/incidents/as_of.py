# SPDX-License-Identifier: Apache-2.0
"""Incidents as they stood at a moment, whatever was done with them later: told back from their history."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from sqlalchemy import Connection, select

from giamsat_collector.incidents import duties
from giamsat_collector.incidents.duties import Owed
from giamsat_collector.incidents.incident import Change, Group, Incident, Sent
from giamsat_collector.incidents.ledger import change_of, incident_of, sent_of
from giamsat_collector.incidents.tables import changes, incidents, reports

_FIELDS: Final = frozenset(field.name for field in fields(Incident))


@dataclass(frozen=True, slots=True)
class Stood:
    """An incident as it stood, and the reports that were owed then, sent or not."""

    incident: Incident
    owed: tuple[Owed, ...]


def read(connection: Connection, at_ns: int) -> tuple[Stood, ...]:
    """Every incident that was opened before a moment, as it stood then."""
    opened = incidents.c.opened_ns < at_ns
    later: dict[int, list[Change]] = defaultdict(list)
    newest_first = select(changes).where(changes.c.at_ns >= at_ns).order_by(changes.c.id.desc())
    for row in connection.execute(newest_first).mappings():
        later[row["incident"]].append(change_of(row))
    told: dict[int, list[Sent]] = defaultdict(list)
    for row in connection.execute(select(reports).where(reports.c.recorded_ns < at_ns)).mappings():
        told[row["incident"]].append(_then(sent_of(row), at_ns))
    found = []
    for row in connection.execute(select(incidents).where(opened).order_by(incidents.c.number)).mappings():
        incident = before(incident_of(row), later[row["number"]])
        found.append(Stood(incident, duties.owed(incident, told[incident.number])))
    return tuple(found)


def before(incident: Incident, later: Iterable[Change]) -> Incident:
    """An incident as it was before some changes, the newest first."""
    for change in later:
        old: dict[str, Any] = {
            name: value[0] for name, value in change.details.items() if name in _FIELDS and isinstance(value, list)
        }
        if "group" in old:
            old["group"] = Group(old["group"])
        incident = replace(incident, state=change.before, **old)
    return incident


def _then(sent: Sent, at_ns: int) -> Sent:
    """A report as it stood: it may have been withdrawn later."""
    return replace(sent, withdrawn_ns=None) if (sent.withdrawn_ns or 0) >= at_ns else sent
