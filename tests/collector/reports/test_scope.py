# SPDX-License-Identifier: Apache-2.0
from support.reporting import AFTER, BEFORE


def test_what_happened_in_a_unit_is_counted_for_the_one_that_stands():
    assert [scope.unit_of("u1") for scope in (BEFORE, AFTER)] == ["u1", "u2"]
    assert [scope.predecessors("u2") for scope in (BEFORE, AFTER)] == [(), ("u1",)]


def test_hosts_stand_where_they_stood():
    assert [scope.hosts({"A1": 0, "gone": 0}) for scope in (BEFORE, AFTER)] == [{"u1": 1}, {"u2": 1}]


def test_names_are_those_of_the_registry_or_the_id():
    assert (AFTER.system_name("S2"), AFTER.system_name("?")) == ("Cổng", "?")
    assert (AFTER.name("u2"), AFTER.name("?"), AFTER.asset_name("A1"), AFTER.asset_name("?")) == (
        "Xã u2",
        "?",
        "máy-1",
        "?",
    )
