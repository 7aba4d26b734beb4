# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import coverage as views
from giamsat_collector.console.views.coverage import STATES, Wanted
from giamsat_collector.coverage.decide import State, SystemCoverage
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry

READER = Reader(Languages().named("vi"), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
UNITS = {"u": Unit("u", "Xã Nghĩa Đàn", UnitKind.COMMUNE)}
SYSTEMS = {f"S{n}": System(f"S{n}", f"Hệ thống {n}", "u", n) for n in range(1, 6)}
STATEMENT = Statement(
    0,
    "p",
    tuple(
        SystemCoverage(f"S{n}", n, state, ())
        for n, state in zip(range(1, 6), (State.MET, State.UNKNOWN, State.UNMET, State.PARTLY, State.MET), strict=True)
    ),
)


def order(**words):
    return [found.system for found, _, _ in views.arranged(STATEMENT, Wanted(**words), SYSTEMS, UNITS)]


def test_those_in_trouble_come_first_and_of_them_the_strictest_level():
    assert order() == ["S3", "S4", "S2", "S5", "S1"]


def test_a_unit_is_found_without_accents():
    assert len(order(text="nghia dan")) == 5
    assert order(text="vinh") == []


def test_every_system_is_counted_once_in_its_level():
    *rows, all_of_them = views.by_level(STATEMENT, READER)

    assert (all_of_them.total, all_of_them.counts) == ("5", ("1", "1", "1", "2"))
    assert [row.total for row in rows] == ["1"] * 5
    assert [row.counts.index("1") for row in rows] == [
        list(STATES).index(one.state) for one in reversed(STATEMENT.systems)
    ]


def test_the_chosen_one_is_marked():
    assert [choice.code for choice in views.state_choices("unmet", READER) if choice.current] == ["unmet"]
    assert [choice.code for choice in views.level_choices("", READER) if choice.current] == [""]


def test_a_district_counts_its_own_systems_and_those_of_its_communes_and_those_in_need_come_first(connection):
    units = [
        Unit("d1", "Huyện Một", UnitKind.DISTRICT, "40"),
        Unit("d2", "Huyện Hai", UnitKind.DISTRICT, "40"),
        Unit("c1", "Xã", UnitKind.COMMUNE, "d1"),
        Unit("c2", "Xã", UnitKind.COMMUNE, "d2"),
        Unit("s", "Sở", UnitKind.DEPARTMENT, "40"),
    ]
    rows.put_units(connection, units)
    of = {"S1": "d1", "S2": "c1", "S3": "c2", "S4": "s", "S5": "d1"}
    rows.put_systems(connection, [System(one, one, unit, 1) for one, unit in of.items()])
    registry = Registry()
    registry.load(connection)

    found = [(row.name, row.total, row.counts[-1]) for row in views.by_area(STATEMENT, registry, READER)]

    assert found == [("Huyện Hai", "1", "0"), ("Huyện Một", "3", "2"), ("Ngoài các huyện", "1", "0")]
