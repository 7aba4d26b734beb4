# SPDX-License-Identifier: Apache-2.0
"""An incident as a bundle of STIX 2.1, for who exchanges such: what it is, where, and what its alerts saw.

An incident that stands as it stood is the same bundle, to the letter. All of it is marked TLP:AMBER: it is for who
receives it and those they protect. Decides only.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any, Final, Protocol

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.event_time import instant
from giamsat_collector.incidents.incident import Incident
from giamsat_collector.incidents.observables import Json, observed
from giamsat_collector.incidents.search import Whole

AMBER: Final[Json] = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "created": "2017-01-20T00:00:00.000Z",
    "definition_type": "tlp",
    "name": "TLP:AMBER",
    "definition": {"tlp": "amber"},
}
"""As the standard gives it (section 7.2.1.4): who has it already takes it for the same."""
MOST_TIMES: Final = 999_999_999
"""What the standard lets be observed, at the most."""
_OURS: Final = uuid.UUID("3828de8f-dd20-5931-b563-7e50691ef0b2")
"""Of the ids that are made here; what they are of is unlike in every collector."""
_FLAGS: Final = ("serious", "security_interest", "interruption", "personal_data")


class Names(Protocol):
    """Says what units and systems are called."""

    def name(self, unit: str) -> str:
        """What a unit is called."""
        ...

    def system_name(self, system: str) -> str:
        """What an information system is called."""
        ...


def bundle(whole: Whole, names: Names) -> Json:
    """The bundle; an alert that saw nothing others can look for is not in it."""
    incident = whole.incident
    changed_ns = max((change.at_ns for change in whole.history), default=incident.opened_ns)
    seed, at_ns = f"{incident.number}|{incident.opened_ns}|{incident.opened_by}", incident.opened_ns
    its = _made("incident", seed, at_ns, changed_ns, _about(incident))
    parts = [*_places(whole, names, seed), *(_seen(alert) for alert in whole.alerts if observed(alert))]
    related = [_related(its["id"], one["id"], at_ns) for one in parts]
    saw = {one["id"]: one for alert in whole.alerts for one in observed(alert)}
    objects = [its, *parts, *related, *(saw[id_] for id_ in sorted(saw))]
    marked = [AMBER, *({**one, "object_marking_refs": [AMBER["id"]]} for one in objects)]
    content = uuid.uuid5(_OURS, json.dumps(marked, sort_keys=True))
    return {"type": "bundle", "id": f"bundle--{content}", "objects": marked}


def _about(incident: Incident) -> Json:
    said = [f"Phát hiện lúc / Detected: {instant(incident.detected_ns)}", incident.cause, incident.scope]
    flags = [name for name in _FLAGS if getattr(incident, name)]
    return {
        "name": incident.title,
        "description": "\n\n".join(filter(None, said)),
        "labels": [incident.group.value, *flags],
        "external_references": [{"source_name": "giamsat", "external_id": str(incident.number)}],
    }


def _places(whole: Whole, names: Names, seed: str) -> Iterator[Json]:
    """The units, and the systems that were attacked there."""
    at_ns = whole.incident.opened_ns
    for unit in dict.fromkeys(place.unit for place in whole.places if place.unit):
        said = {"name": names.name(unit), "identity_class": "organization"}
        yield _made("identity", f"{seed}|unit|{unit}", at_ns, at_ns, said)
    for system in dict.fromkeys(place.system for place in whole.places if place.system):
        said = {"name": names.system_name(system), "identity_class": "system"}
        yield _made("identity", f"{seed}|system|{system}", at_ns, at_ns, said)


def _seen(alert: Alert) -> Json:
    said = {
        "first_observed": instant(alert.first_ns),
        "last_observed": instant(alert.last_ns),
        "number_observed": min(max(alert.count, 1), MOST_TIMES),
        "object_refs": [one["id"] for one in observed(alert)],
    }
    changed_ns = max(alert.changed_ns, alert.opened_ns)
    return _made("observed-data", f"alert|{alert.id}|{alert.opened_ns}", alert.opened_ns, changed_ns, said)


def _related(source: Any, target: Any, at_ns: int) -> Json:  # noqa: ANN401 - ids, which are texts
    said = {"relationship_type": "related-to", "source_ref": source, "target_ref": target}
    return _made("relationship", f"{source}|{target}", at_ns, at_ns, said)


def _made(kind: str, seed: str, created_ns: int, modified_ns: int, said: Json) -> Json:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid.uuid5(_OURS, f'{kind}|{seed}')}",
        "created": instant(created_ns),
        "modified": instant(modified_ns),
        **said,
    }
