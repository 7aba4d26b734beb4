# SPDX-License-Identifier: Apache-2.0
"""The shapes of OSCAL 1.1.2 assessment results as far as we use them: what is required, and what points where."""

import re
from dataclasses import replace
from uuid import UUID

import pytest

from giamsat_collector.coverage.assessment import assessment, file_of
from giamsat_collector.coverage.decide import decide
from giamsat_collector.coverage.evidence import Attestation, HostEvidence, SystemEvidence
from giamsat_collector.coverage.statement import Statement, as_json
from giamsat_collector.registry.record import System, Unit, UnitKind
from support.coverage import OBLIGATIONS

UNITS = {"40.412": Unit("40.412", "Thành phố Vinh", UnitKind.DISTRICT, parent="40")}
SYSTEMS = {name: System(name, f"Hệ thống {name}", "40.412", 4) for name in ("S2", "S1")}
REQUIRED = {
    "assessment-results": {"uuid", "metadata", "import-ap", "results"},
    "metadata": {"title", "last-modified", "version", "oscal-version"},
    "results": {"uuid", "title", "description", "start", "reviewed-controls"},
    "components": {"uuid", "type", "title", "description", "status"},
    "observations": {"uuid", "description", "methods", "collected"},
    "findings": {"uuid", "title", "description", "target"},
    "target": {"type", "target-id", "status"},
    "risks": {"uuid", "title", "description", "statement", "status"},
    "remediations": {"uuid", "lifecycle", "title", "description"},
    "props": {"name", "value"},
    "resources": {"uuid"},
}
HOST = HostEvidence("A1", "may-1", quiet_s=5.0, allowed_s=37.5, logs={}, captures=1, flows_s=1.0)
STAFFED = Attestation("monitor.around_the_clock", "met", "12/QĐ", "trực ca", "2030-01-01")
EVIDENCE = SystemEvidence(
    "S1",
    4,
    (HOST,),
    9e6,
    9e6,
    0.4,
    3_600,
    attested={STAFFED.obligation: STAFFED},
    pack="tcvn11930-2017 1.0.0",
    profile="1f",
)


def found(at_ns=5 * 10**9):
    systems = tuple(decide(OBLIGATIONS, replace(EVIDENCE, system=name)) for name in SYSTEMS)
    return as_json(Statement(at_ns, "tcvn11930-2017 1.0.0", systems), SYSTEMS, UNITS)


@pytest.fixture
def document():
    said = found()
    return assessment(said, said["systems"], title="Cả tỉnh")


def every(value, key):
    """Every object under a key, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield from inner if isinstance(inner, list) else [inner]
            yield from every(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from every(inner, key)


@pytest.mark.parametrize("kind", REQUIRED)
def test_everything_has_the_fields_the_model_requires(document, kind):
    objects = list(every(document, kind))

    assert objects
    assert [one for one in objects if not one.keys() >= REQUIRED[kind]] == []


def test_no_list_is_empty_and_no_text_is(document):
    def walk(value):
        yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from walk(inner)

    assert [value for value in walk(document) if value in ([], "")] == []


def test_identifiers_are_of_version_5_and_what_is_pointed_at_is_there(document):
    uuids = list(every(document, "uuid"))

    assert {UUID(one).version for one in uuids} == {5}
    assert len(uuids) == len(set(uuids))
    pointed = [one for key in ("observation-uuid", "risk-uuid", "subject-uuid") for one in every(document, key)]
    assert set(pointed) <= set(uuids)
    (plan,) = every(document, "import-ap")
    assert plan["href"].removeprefix("#") in uuids
    assert [link["href"] for link in every(document, "rlinks")] == ["tcvn11930-2017/catalog.json"]


def test_there_is_a_result_a_system_a_finding_an_obligation_and_a_risk_where_one_is_not_met(document):
    results = document["assessment-results"]["results"]

    assert [one["title"] for one in results] == ["S1 Hệ thống S1", "S2 Hệ thống S2"]
    first = results[0]
    states = {one["target"]["target-id"]: one["target"]["status"] for one in first["findings"]}
    assert states["monitor.hosts_stm"] == {"state": "satisfied", "reason": "pass"}
    assert states["log.host_stm"] == {"state": "not-satisfied", "reason": "fail"}
    assert [one["title"] for one in first["risks"]] == ["Logs of servers arrive"]
    assert "no log arrives from: may-1" in first["risks"][0]["description"]
    assert "systemd-journal" in first["risks"][0]["remediations"][0]["description"]
    methods = {one["title"]: one["methods"] for one in first["observations"]}
    assert methods["Monitoring is staffed around the clock"] == ["EXAMINE"]
    assert methods["Logs of servers arrive"] == ["TEST"]


def test_the_same_answer_gives_the_same_document_and_a_later_one_another(document):
    again, later = found(), found(at_ns=6 * 10**9)

    assert assessment(again, again["systems"], title="Cả tỉnh") == document
    assert not set(every(assessment(later, later["systems"], title=""), "uuid")) & set(every(document, "uuid"))


def test_a_file_is_named_by_the_system_whatever_its_id_is():
    assert file_of("HT-0417") == "HT-0417.json"
    assert re.fullmatch(r"[A-Za-z0-9%._-]+", file_of("../a/ b"))
    assert "/" not in file_of("../a")
