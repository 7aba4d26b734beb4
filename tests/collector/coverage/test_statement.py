# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.coverage.decide import decide
from giamsat_collector.coverage.evidence import SystemEvidence
from giamsat_collector.coverage.statement import Statement, as_json
from giamsat_collector.registry.record import System, Unit, UnitKind
from support.coverage import OBLIGATIONS

UNITS = {"40.412": Unit("40.412", "Thành phố Vinh", UnitKind.DISTRICT, parent="40")}
SYSTEMS = {name: System(name, f"Hệ thống {name}", "40.412", level) for name, level in (("S1", 1), ("S3", 3))}


def statement():
    empty = (
        SystemEvidence(one.id, one.level, (), kept_s=0, watched_s=0, offset_limit_s=0.1, log_silent_s=60)
        for one in SYSTEMS.values()
    )
    return Statement(5, "pack 1", tuple(decide(OBLIGATIONS, one) for one in empty))


def test_without_data_none_of_all_is_met():
    found = as_json(statement(), SYSTEMS, UNITS)

    assert (found["met"], found["total"]) == (0, 2)
    assert found["by_level"] == {"1": {"unknown": 1}, "2": {}, "3": {"unknown": 1}, "4": {}, "5": {}}


def test_what_fails_comes_with_its_unit_its_clause_and_the_next_step():
    (one,) = as_json(statement(), SYSTEMS, UNITS, {"S3"})["systems"]
    first = one["obligations"][0]

    assert (one["system"], one["unit_name"], one["district"]) == ("S3", "Thành phố Vinh", "40")
    assert (first["id"], first["clause"], first["state"]) == ("monitor.hosts", "7.2.2.3", "unknown")
    assert first["step"]["vi"]


def test_totals_are_of_all_whatever_is_listed():
    assert as_json(statement(), SYSTEMS, UNITS, set())["total"] == 2
