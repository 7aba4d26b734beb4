# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import func, select

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import fact_ledger, rows, tables
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.history import Fact, Key, Kind, as_fields
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from support.plans import ways

AN = Telling("an", "test", "12/QĐ")
UNIT = Key(Kind.UNIT, "u")
SYSTEM = Key(Kind.SYSTEM, "S1")


@pytest.fixture
def registry(connection):
    """Rows as a version wrote them that kept no history."""
    rows.put_units(connection, [Unit("u", "Vinh", UnitKind.DISTRICT)])
    rows.put_systems(connection, [System("S1", "x", "u", 2), System("S2", "y", "u", 4)])
    rows.put_assets(connection, [Asset("A1", "srv", AssetKind.HOST, "u", ("S1",))], 0)
    return connection


def name(connection, at_ns, told_ns=None):
    unit = fact_ledger.known(connection, told_ns).unit("u", at_ns)
    return unit.name if unit else None


def test_what_stood_before_history_was_kept_has_always_been_so(registry):
    fact_ledger.tell(registry, AN, [Fact(UNIT, 100, {"name": "Vinh mới"})], 150)

    assert (name(registry, 99), name(registry, 100)) == ("Vinh", "Vinh mới")
    assert rows.all_units(registry)["u"].name == "Vinh mới"


def test_history_answers_by_what_was_known_at_the_time(registry):
    fact_ledger.tell(registry, AN, [Fact(UNIT, 100, {"name": "first"})], 150)
    fact_ledger.tell(registry, AN, [Fact(UNIT, 100, {"name": "corrected"})], 250)

    assert [name(registry, 120, told_ns) for told_ns in (149, 150, 249, 250, None)] == [
        "Vinh",
        "first",
        "first",
        "corrected",
        "corrected",
    ]


def test_a_fact_told_late_about_an_earlier_day_leaves_the_later_one_alone(registry):
    fact_ledger.tell(registry, AN, [Fact(UNIT, 100, {"name": "later"})], 150)
    fact_ledger.tell(registry, AN, [Fact(UNIT, 50, {"name": "earlier", "gso_code": "412"})], 160)

    found = fact_ledger.known(registry)
    assert [found.unit("u", at_ns).name for at_ns in (49, 50, 99, 100)] == ["Vinh", "earlier", "earlier", "later"]
    assert rows.all_units(registry)["u"].gso_code == "412"


def test_what_holds_from_a_later_day_on_stands_from_that_day_on_only(registry):
    fact_ledger.tell(registry, AN, [Fact(SYSTEM, 300, {"level": 5})], 150)
    fact_ledger.link(registry, "A1", "S2", AN, 200)

    assert rows.all_systems(registry)["S1"].level == 2
    assert fact_ledger.settle(registry, 150, 299) is True  # the link
    assert rows.all_systems(registry)["S1"].level == 2
    assert fact_ledger.settle(registry, 299, 300) is True
    assert rows.all_systems(registry)["S1"].level == 5
    assert fact_ledger.settle(registry, 300, 400) is False
    assert rows.all_assets(registry)["A1"].systems == ("S1", "S2")


def test_only_records_that_changed_cost_anything_at_a_start(registry):
    fact_ledger.tell(registry, AN, [Fact(SYSTEM, 10, {"level": 5})], 10)
    fact_ledger.host_enrolled(registry, agent_id="A2", unit="u", system=None, hostname="máy", at_ns=11)

    past = fact_ledger.changed(registry, fact_ledger.standing(registry))

    assert past.moments(SYSTEM) == (0, 10)
    assert past.moments(Key(Kind.ASSET, "A2")) == ()
    assert past.asset("A2", 0) == Asset("A2", "máy", AssetKind.HOST, "u")


def test_an_enrolled_host_stands_where_its_token_said(registry):
    fact_ledger.host_enrolled(registry, agent_id="A2", unit="u", system="S1", hostname="máy-1", at_ns=7)
    fact_ledger.host_enrolled(registry, agent_id="A3", unit="u", system=None, hostname="máy-2", at_ns=7)

    found = rows.all_assets(registry)
    assert found["A2"] == Asset("A2", "máy-1", AssetKind.HOST, "u", ("S1",))
    assert found["A3"].systems == ()


def test_linking_twice_is_linking_once(registry):
    for _ in range(2):
        fact_ledger.link(registry, "A1", "S2", AN, 5)

    assert rows.all_assets(registry)["A1"].systems == ("S1", "S2")
    assert len(fact_ledger.told(registry, 10)) == 2  # what stood before, and the link
    fact_ledger.unlink(registry, "A1", "S1", AN, 6)
    assert [fact_ledger.known(registry).asset("A1", at_ns).systems for at_ns in (4, 5, 6)] == [
        ("S1",),
        ("S1", "S2"),
        ("S2",),
    ]


@pytest.mark.parametrize(
    ("do", "asset", "system", "hint"),
    [
        (fact_ledger.link, "nobody", "S1", "registry assets"),
        (fact_ledger.link, "A1", "nothing", "registry systems"),
        (fact_ledger.unlink, "A1", "S2", "registry assets"),
    ],
)
def test_a_mistyped_name_is_refused_with_where_to_look(registry, do, asset, system, hint):
    with pytest.raises(RefusedError, match=hint):
        do(registry, asset, system, AN, 0)

    assert registry.scalar(select(func.count()).select_from(tables.facts)) == 0


def test_the_log_says_who_told_what_by_which_document(registry):
    fact_ledger.tell(registry, AN, [Fact(UNIT, 1, {"name": "a"}), Fact(SYSTEM, 1, {"level": 1})], 42)

    newest = fact_ledger.told(registry, 1)[0]
    assert (newest["actor"], newest["what"], newest["document"], newest["told_ns"]) == ("an", "test", "12/QĐ", 42)
    assert newest["facts"] == 2


def test_a_thousand_facts_are_told_at_once(registry):
    many = [Unit(f"n{number}", "x", UnitKind.COMMUNE) for number in range(1_000)]
    facts = [Fact(Key(Kind.UNIT, unit.id), 0, as_fields(unit)) for unit in many]

    fact_ledger.tell(registry, AN, facts, 1)

    assert len(rows.all_units(registry)) == 1_001


def test_a_host_is_enrolled_without_looking_through_all_others(registry):
    told = {"agent_id": "A2", "unit": "u", "system": "S1", "hostname": "máy"}
    steps = ways(registry, lambda: fact_ledger.host_enrolled(registry, **told, at_ns=11))

    # A constant row is a value that the statement itself names.
    assert {step for step in steps if step.startswith("SCAN")} <= {"SCAN CONSTANT ROW"}
