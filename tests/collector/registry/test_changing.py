# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.registry.changing import Changes, day_before, read, start_ns
from giamsat_collector.registry.history import Fact, History, Key, Kind, as_fields, key_of
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_wire.clock import SECOND_NS

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
JULY = start_ns("2025-07-01", HANOI)
RECORDS = (
    *(Unit(name, f"Xã {name}", UnitKind.COMMUNE, parent="40") for name in ("u1", "u2", "u3")),
    System("S1", "một", "u1", 2),
    System("S2", "hai", "u1", 3),
    System("S3", "ba", "u2", 3),
    Asset("A1", "máy", AssetKind.HOST, "u1", ("S1",)),
    Asset("S3", "trùng tên", AssetKind.HOST, "u2"),
)


def changes(*lines, past=None):
    known = past or History({key_of(record): record for record in RECORDS})
    text = "\n".join(["effective,operation,id,to,value", *lines])
    return read(text.encode(), "c.csv", Changes(known, HANOI, ("tcvn11930-2017", "tcvn14423-2026")))


def test_a_day_begins_at_midnight_in_the_zone():
    assert start_ns("2025-07-01", HANOI) % (86_400 * SECOND_NS) == 17 * 3600 * SECOND_NS
    assert day_before("2025-07-01") == "2025-06-30"


def test_units_are_merged_and_what_stood_in_them_goes_along():
    found = changes("2025-07-01,merge,u1,u3,", "2025-07-01,merge,u2,u3,")

    assert not found.problems
    assert [(step.key.id, step.after) for step in found.steps] == [
        ("u1", {"valid_to": "2025-06-30", "successor": "u3"}),
        ("u2", {"valid_to": "2025-06-30", "successor": "u3"}),
    ]
    assert [found.past.asset("A1", at_ns).unit for at_ns in (JULY - 1, JULY)] == ["u1", "u3"]


def test_a_unit_is_split_and_what_is_named_goes_its_own_way():
    found = changes("2025-07-01,split,u1,u3,S2 A1", "2025-07-01,split,u1,u2,")

    assert not found.problems
    past = found.past
    assert (past.system("S2", JULY).unit, past.asset("A1", JULY).unit, past.system("S1", JULY).unit) == (
        "u3",
        "u3",
        "u2",
    )
    assert past.system("S2", JULY - 1).unit == "u1"


def test_a_unit_that_gives_away_a_part_goes_on():
    found = changes("2025-07-01,split,u1,u3,S2", "2025-07-01,split,u1,u1,")

    assert not found.problems
    assert (found.past.unit("u1", JULY).valid_to, found.past.system("S1", JULY).unit) == ("", "u1")
    assert found.past.system("S2", JULY).unit == "u3"


def test_names_levels_and_places_change_on_a_day():
    found = changes(
        "2025-07-01,rename,u1,,Phường mới",
        "2025-07-01,relevel,S1,,4",
        "2025-07-01,move,system:S3,u1,",
        "2025-07-01,move,asset:S3,u3,",
        "2025-07-01,move,u2,40.412,",
    )

    assert not found.problems
    before, after = found.past.standing(JULY - 1), found.past.standing(JULY)
    assert [one.units["u1"].name for one in (before, after)] == ["Xã u1", "Phường mới"]
    assert [one.systems["S1"].level for one in (before, after)] == [2, 4]
    assert (after.systems["S3"].unit, after.assets["S3"].unit, after.units["u2"].parent) == ("u1", "u3", "40.412")


def test_the_same_lines_again_change_nothing():
    lines = (
        "2025-07-01,merge,u2,u3,",
        "2025-07-01,split,u1,u3,S2",
        "2025-07-01,split,u1,u3,",
        "2025-08-01,rename,u3,,x",
    )
    past = changes(*lines).past

    again = changes(*lines, past=past)

    assert (again.steps, again.problems, again.unchanged) == ([], [], 4)


def test_a_line_of_the_same_day_corrects_the_successor():
    past = changes("2025-07-01,merge,u1,u2,").past

    corrected = changes("2025-07-01,merge,u1,u3,", past=past)

    assert not corrected.problems
    assert corrected.steps[0].before == {"successor": "u2"}
    assert corrected.past.heir("u1", JULY) == "u3"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2025-07-01,merge,u12,u3,", "id: 'u12' is not registered; did you mean"),
        ("2025-07-01,merge,u1,,", "to: is empty"),
        ("2025-07-01,merge,u1,u1,", "to: is the unit itself"),
        (",merge,u1,u3,", "effective: is empty"),
        ("1/7/2025,merge,u1,u3,", "effective: '1/7/2025' is no date"),
        ("2025-07-01,merg,u1,u3,", "operation: 'merg' is not one of merge"),
        ("2025-07-01,relevel,S1,,6", "value: '6' is not one of"),
        ("2025-07-01,repack,S1,,tcvn2", "value: 'tcvn2' is not one of tcvn11930-2017, tcvn14423-2026"),
        ("2025-07-01,relevel,u1,,3", "id: 'u1' is not registered"),
        ("2025-07-01,rename,u1,,", "value: must have 1 to"),
        ("2025-07-01,rename,S3,,x", "id: S3 is a system and a asset; write system:S3"),
        ("2025-07-01,move,S1,u9,", "to: 'u9' is not registered"),
        ("2025-07-01,split,u1,u3,S2", "value: 0 lines of this split have none"),
        ("2025-07-01,split,u9,u3,", "id: 'u9' is not registered"),
        ("2025-07-01,split,u1,u9,", "to: 'u9' is not registered"),
    ],
)
def test_a_line_that_cannot_be_is_named_with_its_cell_and_a_remedy(line, said):
    found = changes(line)

    assert str(found.problems[0]).startswith(f"c.csv:2: {said}")


def test_what_belongs_elsewhere_is_not_given_away():
    found = changes("2025-07-01,split,u1,u2,", "2025-07-01,split,u1,u3,system:S3")

    assert str(found.problems[0]) == "c.csv:3: value: system:S3 belongs to u2, not to u1"


def test_nothing_happens_to_a_unit_that_has_ended_or_has_another_end():
    past = changes("2025-07-01,merge,u1,u2,").past

    found = changes("2025-08-01,merge,u3,u1,", "2025-08-01,merge,u1,u3,", "2025-09-01,merge,u3,u2,", past=past)

    assert [str(problem) for problem in found.problems] == [
        "c.csv:2: to: u1 ended on 2025-06-30; its successor is u2",
        "c.csv:3: id: u1 already ends on 2025-07-01; correct it with that day as effective",
    ]


def test_a_unit_does_not_change_before_it_stands():
    past = changes().past
    past.add(Fact(Key(Kind.UNIT, "u7"), JULY, as_fields(Unit("u7", "Mới", UnitKind.COMMUNE))))

    found = changes("2025-06-30,merge,u1,u7,", "2025-06-30,rename,u7,,x", past=past)

    assert "u7 does not stand yet" in str(found.problems[0])
    assert "u7 does not stand yet on 2025-06-30" in str(found.problems[1])


def test_a_unit_that_nothing_follows_ends_with_its_systems_and_history_knows_both():
    found = changes("2025-07-01,end,u1,,")

    assert not found.problems
    past = found.past
    assert [(step.key.kind, step.key.id) for step in found.steps] == [
        (Kind.SYSTEM, "S1"),
        (Kind.SYSTEM, "S2"),
        (Kind.UNIT, "u1"),
    ]
    assert (past.unit("u1", JULY).valid_to, past.unit("u1", JULY).successor) == ("2025-06-30", "")
    before, after = past.standing(JULY - 1), past.standing(JULY)
    assert (set(before.systems), set(after.systems)) == ({"S1", "S2", "S3"}, {"S3"})
    assert (set(before.units) - set(after.units), set(after.assets)) == ({"u1"}, {"A1", "S3"})


def test_a_system_alone_can_end_and_one_that_moved_away_before_does_not_end_with_its_unit():
    alone = changes("2025-07-01,end,S1,,")
    moved = changes("2025-06-01,move,system:S2,u2,", "2025-07-01,end,u1,,")

    assert set(alone.past.standing(JULY).systems) == {"S2", "S3"}
    assert "u1" in alone.past.standing(JULY).units
    assert set(moved.past.standing(JULY).systems) == {"S2", "S3"}


def test_an_end_told_twice_changes_nothing_and_a_successor_told_later_brings_everything_back():
    twice = changes("2025-07-01,end,u1,,", "2025-07-01,end,u1,,")
    corrected = changes("2025-07-01,end,u1,,", "2025-07-01,merge,u1,u3,")

    assert (twice.problems, len(twice.steps)) == ([], 3)
    assert not corrected.problems
    assert {one: system.unit for one, system in corrected.past.standing(JULY).systems.items()} == {
        "S1": "u3",
        "S2": "u3",
        "S3": "u2",
    }


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["2025-07-01,end,u9,,"], "is not registered"),
        (["2025-07-01,end,,,"], "is empty"),
        ([",end,u1,,"], "is empty"),
        (["2025-07-01,merge,u1,u3,", "2025-07-01,end,u1,,"], "has a successor from that day on: u3"),
        (["2025-07-01,end,u1,,", "2026-07-01,end,u1,,"], "already ends on 2025-07-01"),
        (["2025-07-01,end,u3,,", "2025-07-01,merge,u1,u3,"], "nothing follows it"),
    ],
)
def test_an_end_that_cannot_be_is_refused_with_why(lines, said):
    found = changes(*lines)

    assert said in str(found.problems[0])
