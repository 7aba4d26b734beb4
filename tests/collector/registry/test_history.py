# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.registry.history import HEIRS, Fact, History, Key, Kind, as_fields, key_of
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind

UNIT = Unit("u", "Vinh", UnitKind.DISTRICT)
SYSTEM = System("S1", "Thư", "u", 3, example=True)
ASSET = Asset("A1", "máy", AssetKind.HOST, "u", ("S1", "S2"))
U = key_of(UNIT)
ALWAYS = {key_of(record): record for record in (UNIT, SYSTEM, ASSET)}


@pytest.mark.parametrize("record", [UNIT, SYSTEM, ASSET])
def test_a_record_survives_its_journey_through_json(record):
    fields = json.loads(json.dumps({**as_fields(record), "of a newer version": 1}))

    past = History({}, [Fact(key_of(record), 5, fields)])

    key = key_of(record)
    found = {Kind.UNIT: past.unit, Kind.SYSTEM: past.system, Kind.ASSET: past.asset}[key.kind]
    assert (found(key.id, 4), found(key.id, 5)) == (None, record)


def test_without_a_fact_it_has_always_been_so():
    past = History(ALWAYS)

    assert (past.unit("u", 0), past.system("S1", 0), past.asset("A1", 0)) == (UNIT, SYSTEM, ASSET)
    assert past.moments(U) == ()


@given(
    told=st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["name", "gso_code"]), st.text(max_size=3)), max_size=12)
)
def test_a_field_is_what_was_told_last_of_the_latest_day_that_has_come(told):
    past = History(ALWAYS, [Fact(U, day, {field: value}) for day, field, value in told])

    for at_ns in range(10):
        for field in ("name", "gso_code"):
            come = [
                (day, number, value) for number, (day, one, value) in enumerate(told) if one == field and day <= at_ns
            ]
            assert getattr(past.unit("u", at_ns), field) == (max(come)[2] if come else getattr(UNIT, field))


def test_what_stood_in_a_unit_stands_in_its_heirs_heir():
    others = {key_of(one): one for one in (Unit("v", "v", UnitKind.COMMUNE), Unit("w", "w", UnitKind.COMMUNE))}
    past = History({**ALWAYS, **others})
    past.add(Fact(U, 5, {"valid_to": "2025-06-30", "successor": "v"}))
    past.add(Fact(Key(Kind.UNIT, "v"), 8, {"valid_to": "2026-06-30", "successor": "w"}))

    assert [past.system("S1", at_ns).unit for at_ns in (4, 5, 7, 8)] == ["u", "v", "v", "w"]
    assert sorted(past.standing(8).units) == ["w"]
    assert past.standing(8).assets["A1"].unit == "w"
    assert (past.successors("u"), past.ends("u"), past.ends("w")) == (("v",), (5,), ())


def test_a_unit_that_ended_without_an_heir_keeps_what_stood_in_it():
    past = History(ALWAYS, [Fact(U, 5, {"valid_to": "2025-06-30"})])

    assert past.asset("A1", 9).unit == "u"
    assert past.standing(9).units == {}


def test_units_that_follow_each_other_in_a_circle_end_the_search():
    past = History(ALWAYS, [Fact(U, 1, {"valid_to": "x", "successor": "u"})])

    assert past.heir("u", 1) == "u"
    assert HEIRS > 1
