# SPDX-License-Identifier: Apache-2.0
"""How systems stand as OSCAL 1.1.2 assessment results, beside the catalog and profiles of `giamsat-rules oscal`.

One result a system: what was observed of each obligation, a finding for each, a risk with its next step for each that
is not met. Identifiers depend on the system, the obligation and the moment alone, so the same answer gives the same
file. The shapes are those of NIST's assessment results model. Pure: it reads what `coverage show --json` prints.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

from giamsat_collector.coverage.decide import GOOD, State
from giamsat_collector.event_time import instant

VERSION: Final = "1.1.2"
CATALOG: Final = "catalog.json"
MEDIA: Final = "application/oscal.catalog+json"
NAMESPACE: Final = "urn:giamsat:oscal"
"""Of properties that OSCAL itself does not name."""
ATTESTED: Final = "attested"
_ROOT: Final = UUID("3f0e4d6a-57a5-5b0e-8f5e-2a7a9c1d4e60")
_PLAN: Final = "plan"
ALL: Final = "assessment-results.json"
"""The file of all systems; that of one is named by its id."""

Json = dict[str, Any]


def assessment(found: Mapping[str, Any], systems: Iterable[Mapping[str, Any]], *, title: str) -> Json:
    """The document of some of the systems that coverage found; `title` says of which."""
    at = instant(found["at_ns"])
    chosen = sorted(systems, key=lambda one: str(one["system"]))
    whose = " ".join(str(one["system"]) for one in chosen)
    plan = _uuid(found, whose, _PLAN)
    return {
        "assessment-results": {
            "uuid": _uuid(found, whose, "document"),
            "metadata": {
                "title": title,
                "last-modified": at,
                "version": at,
                "oscal-version": VERSION,
                "props": [_prop("pack", found["pack"])],
            },
            "import-ap": {"href": f"#{plan}"},
            "results": [_result(found, one, at) for one in chosen],
            "back-matter": {"resources": [_resource(plan, chosen)]},
        }
    }


def _resource(plan: str, systems: Iterable[Mapping[str, Any]]) -> Json:
    """There is no plan of single assessments: what is owed is computed anew all the time from what arrives.

    The catalogs are those of the level packs, each in the folder of its name as `giamsat-rules oscal --out` writes it.
    """
    packs = {str(one["pack"]).split(" ")[0] for one in systems}
    catalogs = [f"{quote(pack)}/{CATALOG}" for pack in sorted(packs) if pack]
    return {
        "uuid": plan,
        "title": "Continuous monitoring",
        "description": "Every obligation is computed from what arrived, or attested with a document.",
        **({"rlinks": [{"href": href, "media-type": MEDIA} for href in catalogs]} if catalogs else {}),
    }


def _result(found: Mapping[str, Any], system: Mapping[str, Any], at: str) -> Json:
    name, component = str(system["system"]), _uuid(found, system["system"], "component")
    owed = list(system["obligations"])
    failing = [one for one in owed if not _good(one)]
    said = {
        "uuid": _uuid(found, name, "result"),
        "title": f"{name} {system['name']}",
        "description": f"{system['name']}, {system['unit_name']}: level {system['level']}, {system['state']}",
        "start": at,
        "end": at,
        "props": [
            _prop("state", system["state"]),
            _prop("level", str(system["level"])),
            _prop("unit", system["unit"]),
            _prop("pack", system["pack"]),
            _prop("profile-hash", system["profile"]),
            *([_prop("example", "yes")] if system["example"] else []),
        ],
        "local-definitions": {"components": [_component(component, system)]},
        "reviewed-controls": {"control-selections": [_reviewed(owed)]},
    }
    lists = {
        "observations": [_observation(found, name, one, component, at) for one in owed],
        "risks": [_risk(found, name, one) for one in failing],
        "findings": [_finding(found, name, one) for one in owed],
    }
    # OSCAL allows no empty list.
    return {**said, **{key: each for key, each in lists.items() if each}}


def _reviewed(owed: Iterable[Mapping[str, Any]]) -> Json:
    controls = [{"control-id": one["id"]} for one in owed]
    return {"include-controls": controls} if controls else {"include-all": {}}


def _component(uuid: str, system: Mapping[str, Any]) -> Json:
    return {
        "uuid": uuid,
        "type": "system",
        "title": system["name"],
        "description": f"{system['system']}, {system['unit_name']}",
        "status": {"state": "operational"},
    }


def _observation(found: Mapping[str, Any], system: str, owed: Mapping[str, Any], component: str, at: str) -> Json:
    return {
        "uuid": _uuid(found, system, owed["id"], "observation"),
        "title": owed["title"]["en"],
        "description": _both(owed["reason"]),
        "props": [_prop("state", owed["state"]), _prop("clause", owed["clause"])],
        "methods": ["EXAMINE" if _by_document(owed) else "TEST"],
        "types": ["control-objective"],
        "subjects": [{"subject-uuid": component, "type": "component"}],
        "relevant-evidence": [{"description": _both(one)} for one in owed["evidence"]],
        "collected": at,
    }


def _finding(found: Mapping[str, Any], system: str, owed: Mapping[str, Any]) -> Json:
    good = _good(owed)
    reason = {State.MET: "pass", State.UNMET: "fail", State.PARTLY: "fail"}.get(owed["state"], "other")
    risks = [{"risk-uuid": _uuid(found, system, owed["id"], "risk")}]
    return {
        "uuid": _uuid(found, system, owed["id"], "finding"),
        "title": owed["title"]["en"],
        "description": _both(owed["reason"]),
        "props": [_prop("state", owed["state"])],
        "target": {
            "type": "statement-id",
            "target-id": f"{owed['id']}_stm",
            "status": {"state": "satisfied" if good else "not-satisfied", "reason": reason},
        },
        "related-observations": [{"observation-uuid": _uuid(found, system, owed["id"], "observation")}],
        **({} if good else {"related-risks": risks}),
    }


def _risk(found: Mapping[str, Any], system: str, owed: Mapping[str, Any]) -> Json:
    return {
        "uuid": _uuid(found, system, owed["id"], "risk"),
        "title": owed["title"]["en"],
        "description": _both(owed["reason"]),
        "statement": f"{owed['id']} ({owed['clause']}): {owed['state']}",
        "status": "open",
        "related-observations": [{"observation-uuid": _uuid(found, system, owed["id"], "observation")}],
        "remediations": [
            {
                "uuid": _uuid(found, system, owed["id"], "remediation"),
                "lifecycle": "recommendation",
                "title": "Next step",
                "description": _both(owed["step"]),
            }
        ],
    }


def _good(owed: Mapping[str, Any]) -> bool:
    return State(owed["state"]) in GOOD


def _by_document(owed: Mapping[str, Any]) -> bool:
    return owed["proof"] == ATTESTED or owed["state"] in {State.EQUIVALENT, State.EXEMPT}


def _both(texts: Mapping[str, str]) -> str:
    return f"{texts['vi']} / {texts['en']}"


def _prop(name: str, value: str) -> Json:
    """A property; OSCAL allows no empty ones, and no space at either end."""
    return {"name": name, "ns": NAMESPACE, "value": value.strip() or "-"}


def _uuid(found: Mapping[str, Any], *what: str) -> str:
    return str(uuid5(_ROOT, "\n".join((str(found["at_ns"]), found["pack"], *what))))


def file_of(system: str) -> str:
    """The name of the file of one system, whatever its id is made of."""
    return f"{quote(system, safe='')}.json"
