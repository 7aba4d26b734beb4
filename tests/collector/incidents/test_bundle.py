# SPDX-License-Identifier: Apache-2.0
"""Bundles against what STIX 2.1 says of every object: which properties it must have, and how they look."""

import json
import re
import uuid
from dataclasses import replace

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.incidents.bundle import AMBER, MOST_TIMES, bundle
from giamsat_collector.incidents.incident import Change, State
from giamsat_collector.incidents.search import Whole
from support.incidents import HOUR, incident
from support.verdicts import PLACEMENT, verdict

COMMON = {"type", "spec_version", "id", "created", "modified"}
REQUIRED = {
    "incident": COMMON | {"name"},
    "identity": COMMON | {"name"},
    "observed-data": COMMON | {"first_observed", "last_observed", "number_observed", "object_refs"},
    "relationship": COMMON | {"relationship_type", "source_ref", "target_ref"},
    "marking-definition": {"type", "spec_version", "id", "created", "definition_type", "definition"},
    "ipv4-addr": {"type", "id", "value"},
    "ipv6-addr": {"type", "id", "value"},
    "domain-name": {"type", "id", "value"},
    "url": {"type", "id", "value"},
    "email-addr": {"type", "id", "value"},
    "file": {"type", "id", "hashes"},
}
"""STIX 2.1, sections 3 to 7: what each type must have; of a file a hash or a name."""
KNOWN = {
    "incident": {"description", "labels", "external_references"},
    "identity": {"identity_class"},
    "marking-definition": {"name"},
}
"""What these have beside that."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ALERTS = (
    opened(verdict(source="192.0.2.7", count=1 << 40), PLACEMENT, 100 * HOUR),
    opened(verdict(rule="dns", group={}, evidence=({"dns.question.name": "c2.example"},)), PLACEMENT, 101 * HOUR),
    opened(verdict(rule="disk", group={"mount": "/"}, evidence=()), PLACEMENT, 102 * HOUR),
)
NOTED = Change(7, 130 * HOUR, "an", "note", State.OPEN, State.OPEN, {}, "x")
TOLD = incident(serious=True, unit="u9", told_by="Chị Lan", cause="lỗ hổng\nchưa vá")
WHOLE = Whole(TOLD, ALERTS, (), (NOTED,))


class Names:
    def name(self, unit):
        return f"Xã {unit}"

    def system_name(self, system):
        return f"Cổng {system}"


def made(whole=WHOLE):
    return bundle(whole, Names())


def of(kind, whole=WHOLE):
    return [one for one in made(whole)["objects"] if one["type"] == kind]


def test_every_object_has_what_the_standard_requires_and_nothing_it_does_not_know():
    said = json.loads(json.dumps(made()))

    assert said.keys() == {"type", "id", "objects"}
    for one in said["objects"]:
        kind = one["type"]
        allowed = REQUIRED[kind] | KNOWN.get(kind, set()) | {"spec_version", "object_marking_refs"}
        assert REQUIRED[kind] <= one.keys() <= allowed, kind
        assert one["spec_version"] == "2.1"
        assert all(MOMENT.fullmatch(one[name]) for name in {"created", "modified", "first_observed"} & one.keys())
        assert one.get("created", "") <= one.get("modified", "9")
        assert one.get("first_observed", "") <= one.get("last_observed", "9")
    for one in [said, *said["objects"]]:
        kind, number = one["id"].split("--")
        assert (kind, str(uuid.UUID(number))) == (one["type"], number)


def test_every_reference_is_to_an_object_of_the_bundle_and_no_id_is_there_twice():
    objects = made()["objects"]
    ids = [one["id"] for one in objects]
    references = {one[name] for one in objects for name in ("source_ref", "target_ref") if name in one}
    references |= {
        id_ for one in objects for name in ("object_refs", "object_marking_refs") for id_ in one.get(name, ())
    }

    assert len(ids) == len(set(ids))
    assert references <= set(ids)
    assert objects[0] == AMBER
    assert all(one["object_marking_refs"] == [AMBER["id"]] for one in objects[1:])


def test_it_says_what_is_known_where_it_is_and_what_the_alerts_saw():
    (one,) = of("incident")
    assert (one["name"], one["labels"]) == (TOLD.title, ["intrusion", "serious"])
    assert "lỗ hổng\nchưa vá" in one["description"]
    assert one["external_references"] == [{"source_name": "giamsat", "external_id": "7"}]
    assert [each["name"] for each in of("identity")] == ["Xã u9", f"Xã {PLACEMENT.unit}", f"Cổng {PLACEMENT.system}"]
    assert [each["number_observed"] for each in of("observed-data")] == [MOST_TIMES, 1], "a disk is seen by nobody else"
    assert [each["value"] for each in (*of("ipv4-addr"), *of("domain-name"))] == ["192.0.2.7", "c2.example"]
    assert {each["source_ref"] for each in of("relationship")} == {one["id"]}
    assert "Chị Lan" not in json.dumps(made(), ensure_ascii=False)


def test_as_long_as_nothing_changes_it_is_the_same_to_the_letter_and_then_another_of_the_same_objects():
    later = replace(WHOLE, incident=replace(TOLD, title="Khác"), history=(NOTED, replace(NOTED, at_ns=140 * HOUR)))

    assert json.dumps(made()) == json.dumps(made())
    assert made()["id"] != made(later)["id"]
    (before,), (after,) = of("incident"), of("incident", later)
    assert (before["id"], before["created"]) == (after["id"], after["created"])
    assert before["modified"] < after["modified"]
    other = replace(WHOLE, incident=replace(TOLD, opened_ns=TOLD.opened_ns + 1))
    assert of("incident", other)[0]["id"] != before["id"], "another collector has an incident 7 as well"


def test_of_one_that_a_person_told_of_there_is_no_alert_to_tell():
    kinds = [one["type"] for one in made(replace(WHOLE, alerts=()))["objects"]]

    assert kinds == ["marking-definition", "incident", "identity", "relationship"]
