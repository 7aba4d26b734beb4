# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import fact_ledger, rows
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.history import Fact, History, Key, Kind
from giamsat_collector.registry.record import PACK, Asset, AssetKind, Placement, System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry
from giamsat_rules.verdict import Subject


@pytest.fixture
def registry(connection):
    rows.put_units(connection, [Unit("u", "Thành phố Vinh", UnitKind.DISTRICT)])
    rows.put_systems(connection, [System(f"S{level}", "x", "u", level) for level in (1, 3, 5)])
    for name, systems in (("none", ()), ("one", ("S3",)), ("many", ("S1", "S5", "S3"))):
        rows.put_assets(connection, [Asset(name, f"máy-{name}", AssetKind.HOST, "u", systems)], 0)
    registry = Registry()
    registry.load(connection)
    return registry


def test_the_highest_level_of_its_systems_is_the_assets(registry):
    assert registry.placement("many") == Placement("many", "máy-many", "u", "Thành phố Vinh", "S5", 5, PACK)
    assert registry.level("one") == 3


def test_every_system_of_an_asset_is_known_beside_the_one_it_is_judged_by(registry):
    assert sorted(registry.systems_of("many")) == ["S1", "S3", "S5"]
    assert (list(registry.systems_of("none")), list(registry.systems_of("nobody"))) == ([], [])


def test_a_unit_stands_in_itself_at_the_highest_level_there_and_unclassified_is_higher(registry, connection):
    assert (registry.level("u"), registry.placement("u").unit_name) == (None, "Thành phố Vinh")
    rows.put_assets(connection, [Asset("none", "x", AssetKind.HOST, "u", ("S1",))], 0)
    registry.load(connection)

    assert registry.placement("u") == Placement("u", "Thành phố Vinh", "u", "Thành phố Vinh", None, 5, PACK)


def test_a_district_s_units_are_itself_and_those_below_it_be_it_registered_or_not(registry, connection):
    rows.put_units(
        connection, [Unit(one, one, UnitKind.COMMUNE, parent=above) for one, above in (("c", "u"), ("d", "v"))]
    )
    registry.load(connection)

    assert (registry.within("u"), registry.within("c"), registry.within("v")) == ({"u", "c"}, {"c"}, {"d"})
    with pytest.raises(RefusedError, match=r"no such unit: w; .*registry units"):
        registry.within("w")


@pytest.mark.parametrize(("asset", "unit"), [("one", "u"), ("none", "u"), ("nobody", None)])
def test_an_asset_belongs_to_the_unit_it_was_registered_for(registry, asset, unit):
    assert registry.unit(asset) == unit


@pytest.mark.parametrize("asset", ["none", "nobody"])
def test_without_a_system_an_asset_is_unclassified_not_low(registry, asset):
    assert registry.level(asset) is None


def test_the_collector_is_judged_as_of_level_3_until_somebody_registers_it(registry, connection):
    assert (registry.level("collector"), registry.placement("collector").name) == (3, "giamsat-collector")

    rows.put_assets(connection, [Asset("collector", "máy thu", AssetKind.HOST, "u", ("S5",))], 0)
    registry.load(connection)

    assert (registry.level("collector"), registry.placement("collector").name) == (5, "máy thu")


def test_a_system_whose_level_pack_nobody_has_leaves_its_assets_unclassified_not_low(registry, connection):
    rows.put_systems(connection, [System("S1", "một", "u", 1, pack="tcvn2")])
    strict = Registry(lambda pack: pack == PACK)

    strict.load(connection)

    assert (strict.placement("many").system, strict.level("many")) == ("S1", None)
    assert strict.subject("many") == Subject("many", None, "u", "S1", "tcvn2")
    assert strict.subject("one") == Subject("one", 3, "u", "S3", PACK)
    assert strict.subject("nobody") == Subject("nobody", None)


def test_what_nobody_registered_stands_nowhere_under_its_own_id(registry):
    assert registry.placement("nobody") == Placement("nobody", "nobody", "", "", None, None)


def test_loading_again_forgets_what_is_gone(registry, connection):
    fact_ledger.unlink(connection, "one", "S3", Telling("an", "unlink"), 1)

    registry.load(connection)

    assert registry.level("one") is None
    assert sorted(placement.asset for placement in registry) == ["many", "none", "one"]


DAY = 10


@pytest.fixture
def moved(registry, connection):
    """From DAY on the unit is another's, and a system of one host has another level."""
    rows.put_units(connection, [Unit("v", "Phường Vinh Phú", UnitKind.COMMUNE), Unit("w", "Xã", UnitKind.COMMUNE)])
    ended = {"valid_to": "2025-06-30", "successor": "v"}
    further = {"valid_to": "2026-06-30", "successor": "w"}
    facts = [
        Fact(Key(Kind.UNIT, "u"), DAY, ended),
        Fact(Key(Kind.SYSTEM, "S3"), DAY + 2, {"level": 4}),
        Fact(Key(Kind.UNIT, "v"), DAY + 5, further),
    ]
    fact_ledger.tell(connection, Telling("an", "reform"), facts, DAY + 3)
    registry.load(connection)
    return registry


@pytest.mark.parametrize(
    ("at_ns", "unit", "name", "level"),
    [
        (0, "u", "Thành phố Vinh", 3),
        (DAY - 1, "u", "Thành phố Vinh", 3),
        (DAY, "v", "Phường Vinh Phú", 3),
        (DAY + 2, "v", "Phường Vinh Phú", 4),
        (DAY + 5, "w", "Xã", 4),
    ],
)
def test_where_an_asset_stood_is_answered_as_of_the_moment(moved, at_ns, unit, name, level):
    found = moved.placement("one", at_ns)

    assert (found.unit, found.unit_name, found.level) == (unit, name, level)
    assert (moved.unit("one", at_ns), moved.level("one", at_ns)) == (unit, level)


def test_the_level_an_asset_had_before_a_higher_one_is_known_with_the_moment_the_collector_learned_of_it(moved):
    assert set(moved.risen()) == {(3, 4, DAY + 3)}


def level(level, *, from_ns):
    return Fact(Key(Kind.SYSTEM, "S3"), from_ns, {"level": level})


@pytest.mark.parametrize(
    ("told", "risen"),
    [
        ([(level(4, from_ns=DAY), 50)], {(3, 4, 50)}),
        ([(level(4, from_ns=50), DAY)], {(3, 4, 50)}),
        ([(level(2, from_ns=DAY), DAY), (level(4, from_ns=DAY), 50)], {(3, 4, DAY), (2, 4, 50)}),
        (
            [(level(2, from_ns=DAY), DAY), (level(4, from_ns=0), 40), (level(5, from_ns=50), 50)],
            {(3, 5, DAY), (2, 5, 50)},
        ),
        ([(level(4, from_ns=DAY), 40), (level(3, from_ns=DAY), 50)], set()),
    ],
    ids=["told late", "told early", "corrected", "corrected before it matters", "taken back"],
)
def test_an_asset_was_taken_for_what_it_had_been_until_a_decision_was_told(registry, connection, told, risen):
    for fact, now_ns in told:
        fact_ledger.tell(connection, Telling("an", "decision"), [fact], now_ns)
    fact_ledger.settle(connection, 0, 60)
    registry.load(connection)

    assert set(registry.risen()) == risen


def test_an_asset_that_came_to_a_higher_system_rose_when_that_was_told(registry, connection):
    joined = Fact(Key(Kind.ASSET, "one"), DAY, {"systems": ["S3", "S5"]})
    fact_ledger.tell(connection, Telling("an", "decision"), [joined], 50)
    registry.load(connection)

    assert set(registry.risen()) == {(3, 5, 50)}


def test_without_a_moment_it_is_as_what_holds_by_now(moved):
    assert (moved.unit("one"), moved.level("one"), moved.systems["S3"].unit) == ("v", 4, "v")
    assert sorted(moved.units) == ["v", "w"]


def test_a_unit_that_ended_keeps_its_name_and_has_an_heir(moved):
    assert (moved.named("u"), moved.heir("u"), moved.named("?")) == ("Thành phố Vinh", "v", "?")


def test_a_unit_is_asked_for_together_with_those_it_took_the_place_of(moved):
    assert (moved.with_predecessors(["v"]), moved.with_predecessors(["w"])) == ({"v", "u"}, {"w"})
    assert moved.with_predecessors(["u"]) == {"u"}


def test_an_asset_that_never_was_anywhere_else_is_not_looked_up_in_the_past(registry, connection, monkeypatch):
    def read(*_):
        raise AssertionError("nothing of it ever changed")

    for name in ("asset", "system", "unit"):
        monkeypatch.setattr(History, name, read)
    registry.load(connection)

    assert registry.placement("one", at_ns=1).system == "S3"


class _Store:
    """Reads when it is let; what is read is what stood when the reading began."""

    def __init__(self):
        self.readings = []

    async def read(self, _load):
        let = asyncio.Event()
        self.readings.append(let)
        await let.wait()


async def test_many_who_ask_while_it_is_read_share_the_next_reading_and_none_is_told_of_less_than_it_asked_for():
    registry, store = Registry(), _Store()
    first = asyncio.create_task(registry.follow(store))
    await asyncio.sleep(0)
    others = [asyncio.create_task(registry.follow(store)) for _ in range(100)]
    await asyncio.sleep(0)
    assert len(store.readings) == 1

    store.readings[0].set()
    await first
    for _ in range(10):
        await asyncio.sleep(0)
    assert not any(task.done() for task in others)
    store.readings[1].set()
    await asyncio.gather(*others)

    assert len(store.readings) == 2
