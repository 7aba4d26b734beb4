# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.coverage import declared
from giamsat_collector.coverage.decide import State, SystemCoverage
from giamsat_collector.coverage.declared import Declaration, Declared
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.registry.record import System

ONE = Declared("S1", "Thư", "u1", "Xã Một", 3, "partly", {"a": "met", "b": "unmet", "c": "exempt"})
TWO = Declared("S2", "Cổng", "u2", "Xã Hai", 2, "unknown", {})
BOTH = Declaration(7, "pack 1", (ONE, TWO))


def test_a_declaration_is_read_as_it_was_written():
    data = declared.body("2026-11-28", BOTH, "2026-11-27", "ab")

    found, said = declared.read(data)

    assert (found, said["previous"], said["previous_day"], said["day"]) == (BOTH, "ab", "2026-11-27", "2026-11-28")


def test_the_same_is_the_same_bytes():
    assert declared.digest(declared.body("d", BOTH, "", "")) == declared.digest(declared.body("d", BOTH, "", ""))
    assert declared.digest(declared.body("d", BOTH, "", "")) != declared.digest(declared.body("e", BOTH, "", ""))


def test_it_names_what_it_is_about_as_it_was_called_then():
    statement = Statement(5, "p", (SystemCoverage("S1", 3, State.MET, ()), SystemCoverage("gone", 1, State.MET, ())))

    found = declared.declare(statement, {"S1": System("S1", "Thư", "u1", 3)}, {"u1": "Xã Một"})

    assert found.systems == (Declared("S1", "Thư", "u1", "Xã Một", 3, "met", {}),)


def test_met_otherwise_counts_as_good_and_units_can_be_picked():
    assert (ONE.good, TWO.good) == (2, 0)
    assert BOTH.of(["u2"]).systems == (TWO,)
