# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from giamsat_collector.registry import rows
from giamsat_collector.registry.history import Fact, Key, Kind
from giamsat_collector.registry.intake import Plan
from giamsat_collector.registry.preview import Leaving, Preview, leaving
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.sheet import Problem

KEY = Key(Kind.UNIT, "u")
PLAN = Plan(facts=(Fact(KEY, 5, {"valid_to": "x"}),))
SYSTEM = System("S", "một", "u", 3)
HOST = Asset("h", "máy", AssetKind.HOST, "u", ("S",))
PREVIEW = Preview(PLAN, (Leaving("u", "Xã", (SYSTEM,), (HOST,)),))


def test_a_mark_is_of_what_is_shown_and_of_nothing_else():
    assert PREVIEW.mark == replace(PREVIEW, plan=replace(PLAN, unchanged=3)).mark


@pytest.mark.parametrize(
    "other",
    [
        replace(PREVIEW, plan=replace(PLAN, facts=(Fact(KEY, 6, {"valid_to": "x"}),))),
        Preview(PLAN, (Leaving("u", "Xã", (SYSTEM,)),)),
        Preview(PLAN, (Leaving("u", "Xã", (replace(SYSTEM, level=4),), (HOST,)),)),
    ],
    ids=["another day", "a host fewer", "a system of another level"],
)
def test_another_day_host_or_system_has_another_mark(other):
    assert other.mark not in ("", PREVIEW.mark)


@pytest.mark.parametrize("plan", [Plan(unchanged=1), replace(PLAN, problems=(Problem("form", 2, "id", "ended"),))])
def test_what_does_nothing_or_cannot_be_has_no_mark(plan):
    assert replace(PREVIEW, plan=plan).mark == ""


def test_what_stands_in_a_unit_is_its_own_and_that_of_those_it_followed(connection):
    old = Unit("old", "Xã cũ", UnitKind.COMMUNE, valid_to="2025-06-30", successor="u")
    rows.put_units(connection, [Unit("u", "Xã", UnitKind.COMMUNE), old, Unit("v", "Phường", UnitKind.COMMUNE)])
    inherited, ended = System("T", "hai", "old", 2), System("E", "ba", "u", 2, valid_to="2025-01-01")
    rows.put_systems(connection, [SYSTEM, inherited, ended, System("V", "bốn", "v", 1)])
    rows.put_assets(connection, [HOST, Asset("i", "máy 2", AssetKind.HOST, "old")], 0)

    (found, other) = leaving(connection, ["u", "nobody"])

    assert (found.name, [one.id for one in found.systems], [one.id for one in found.assets]) == (
        "Xã",
        ["T", "S"],
        ["i", "h"],
    )
    assert other == Leaving("nobody", "nobody")
