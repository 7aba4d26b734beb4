# SPDX-License-Identifier: Apache-2.0
from datetime import UTC
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents import wanted
from giamsat_collector.incidents.incident import Group, State
from giamsat_collector.registry.record import System, Unit, UnitKind

NOW = 1_800_000_000 * 10**9
"""2027-01-15 08:00 UTC."""


def test_what_is_said_becomes_values_of_their_types():
    said = {
        "title": " Cổng ",
        "group": "dos",
        "serious": True,
        "persons": "12",
        "detected": "2027-01-15T08:00",
        "cause": "a\r\nb",
    }

    found = wanted.values(said, ZoneInfo("Asia/Ho_Chi_Minh"), NOW)

    assert found == {
        "title": "Cổng",
        "group": Group.DOS,
        "serious": True,
        "persons": 12,
        "detected_ns": NOW - 7 * 3600 * 10**9,
        "cause": "a\nb",
    }
    assert wanted.values({"persons": ""}, UTC, NOW) == wanted.values({"persons": None}, UTC, NOW) == {"persons": None}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"titel": "x"}, "did you mean title"),
        ({"title": {"x": 1}}, "title is a text"),
        ({"unit": 5}, "unit is a text"),
        ({"title": "  "}, "title must not be empty"),
        ({"owner": ""}, "owner must not be empty"),
        ({"title": "x" * 301}, "at most 300"),
        ({"group": "intrusoin"}, "did you mean intrusion"),
        ({"serious": "yes"}, "true or false"),
        ({"persons": "-1"}, "persons is a number"),
        ({"persons": "1000000001"}, "persons is a number"),
        ({"persons": "٣"}, "persons is a number"),
        ({"detected": "yesterday"}, "2026-10-05T22:00"),
        ({"detected": "2027-01-15T08:01"}, "not over yet"),
        ({"detected": "1969-01-01T00:00"}, "not over yet"),
        ({"detected": "0001-01-01T00:00"}, "is no time"),
    ],
)
def test_what_is_not_possible_is_refused_with_what_to_do(said, told):
    with pytest.raises(RefusedError, match=told):
        wanted.values(said, UTC, NOW)


def test_a_new_incident_belongs_to_who_opens_it_and_nothing_is_claimed_of_it():
    made = wanted.new({"title": "x", "group": Group.DOS}, ["a"], actor="an", reason="kept elsewhere", now_ns=NOW)

    assert (made.owner, made.opened_by, made.state, made.grave, made.persons) == ("an", "an", State.OPEN, False, None)
    assert made.detected_why == ""


@pytest.mark.parametrize(
    ("meant", "told"),
    [
        ({"group": Group.DOS}, "needs a title"),
        ({"title": "x"}, "needs a group"),
        ({"title": "x", "group": Group.DOS, "detected_ns": 5}, "says why"),
    ],
)
def test_a_new_incident_lacks_nothing(meant, told):
    with pytest.raises(RefusedError, match=told):
        wanted.new(meant, ["a"], actor="an", reason=" ", now_ns=NOW)


TOLD = {"title": "x", "group": Group.DOS, "told_by": "Chị Lan gọi điện", "unit": "u"}


def test_a_person_tells_of_an_incident_that_no_alert_speaks_of_from_where_and_since_when():
    now = wanted.new(TOLD, (), actor="an", reason="", now_ns=NOW)
    before = wanted.new({**TOLD, "detected_ns": 5}, (), actor="an", reason="", now_ns=NOW)

    assert (now.detected_ns, now.detected_why, now.told_by) == (NOW, "", "Chị Lan gọi điện")
    assert (before.detected_ns, before.detected_why) == (5, "Chị Lan gọi điện")
    for name in ("told_by", "unit"):
        with pytest.raises(RefusedError, match="who told of it and how"):
            wanted.new({**TOLD, name: ""}, (), actor="an", reason="", now_ns=NOW)


class Places:
    """Two units, and a system of one of them that is unclassified."""

    units: ClassVar = {one: Unit(one, one, UnitKind.COMMUNE) for one in ("u", "v")}
    systems: ClassVar = {"S": System("S", "S", "u", 3)}

    def level_of(self, system):
        return 3 if system in self.systems else None


@pytest.mark.parametrize(
    ("meant", "found"),
    [
        ({"title": "x"}, {"title": "x"}),
        ({"unit": "v"}, {"unit": "v"}),
        ({"system": "S"}, {"unit": "u", "system": "S", "level": 3}),
        ({"unit": "v", "system": "S"}, {"unit": "v", "system": "S", "level": 3}),
        ({"unit": "v", "system": ""}, {"unit": "v", "system": None, "level": None}),
        ({"system": ""}, {"system": None, "level": None}),
    ],
)
def test_a_place_is_one_that_is_registered_and_judged_by_its_systems_level(meant, found):
    assert wanted.placed(meant, Places()) == found


@pytest.mark.parametrize("meant", [{"unit": "w"}, {"system": "T"}, {"unit": "u", "system": "T"}])
def test_a_place_that_nobody_registered_is_refused(meant):
    with pytest.raises(RefusedError, match="no such"):
        wanted.placed(meant, Places())


def test_a_report_is_one_of_those_there_are():
    with pytest.raises(RefusedError, match="did you mean initial"):
        wanted.report("inital")
