# SPDX-License-Identifier: Apache-2.0
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, event

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import fact_ledger, rows
from giamsat_collector.registry.intake import File, When, carry_out, example_files, plan
from giamsat_collector.registry.snapshot import Registry
from support.tables import create_tables


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


UNITS = File("u.csv", b"code,name_vi,kind\nu1,Mot,district\nu2,Hai,commune\n")
SYSTEMS = File("s.csv", b"id,name,unit,level\nS1,mot,u1,2\nS2,hai,u1,4\n")
ASSETS = File("a.csv", b"id,name,kind,unit,systems\nA1,srv,host,u1,S1 S2\nA2,srv2,host,u2,\n")


def test_the_example_registry_holds_503_units_and_512_marked_systems(connection):
    carry_out(connection, plan(connection, **example_files()), 0)

    known = rows.all_systems(connection).values()
    kinds = Counter(unit.kind.value for unit in rows.all_units(connection).values())
    assert kinds == {"department": 22, "district": 21, "commune": 460}
    assert len(known) == 512
    assert all(system.example and system.name.startswith("Ví dụ: ") for system in known)
    assert {system.unit for system in known} == set(rows.all_units(connection))
    assert {system.level for system in known} == {1, 2, 3, 4, 5}


def test_units_systems_and_assets_of_one_import_may_refer_to_each_other(connection):
    carry_out(connection, plan(connection, units=UNITS, systems=SYSTEMS, assets=ASSETS), 0)

    registry = Registry()
    registry.load(connection)
    assert (registry.placement("A1").system, registry.level("A1")) == ("S2", 4)
    assert registry.level("A2") is None
    assert registry.placement("nobody").level is None


PACKS = ("tcvn11930-2017", "tcvn14423-2026")


def test_a_new_system_has_the_default_pack_and_keeps_its_own_when_a_later_file_names_none(connection):
    def take(**files):
        carry_out(connection, plan(connection, **files, when=When(now_ns=JULY), packs=PACKS), JULY)
        return {system.id: system.pack for system in rows.all_systems(connection).values()}

    first = take(units=UNITS, systems=SYSTEMS)
    after = take(changes=File("c.csv", b"effective,operation,id,value\n2025-06-30,repack,S1,tcvn14423-2026\n"))
    again = take(systems=SYSTEMS)
    named = take(systems=File("s.csv", b"id,name,unit,level,pack\nS2,hai,u1,4,tcvn14423-2026\n"))

    assert (first, after) == ({"S1": PACKS[0], "S2": PACKS[0]}, {"S1": PACKS[1], "S2": PACKS[0]})
    assert (again, named) == (after, {"S1": PACKS[1], "S2": PACKS[1]})


def test_one_problem_and_nothing_is_written(connection):
    wrong = File("s.csv", b"id,name,unit,level\nS1,mot,u1,2\nS2,hai,u1,9\n")

    with pytest.raises(RefusedError, match=r"s\.csv:3: level"):
        carry_out(connection, plan(connection, units=UNITS, systems=wrong), 0)

    assert rows.all_units(connection) == {}


def test_a_plan_shows_what_is_new_changed_and_the_same(connection):
    carry_out(connection, plan(connection, units=UNITS), 0)

    again = File("u.csv", b"code,name_vi,kind\nu1,Mot,district\nu2,Hai moi,commune\nu3,Ba,commune\n")
    difference = plan(connection, units=again).units

    assert (difference.added, difference.changed, difference.unchanged) == (("u3",), ("u2",), 1)


AFTER = File("u.csv", b"code,name_vi,kind\nu3,Ba,commune\n")
ENDS = File("c.csv", b"effective,operation,id,to\n2025-07-01,merge,u2,u3\n")
JULY = int(datetime(2025, 7, 1, tzinfo=UTC).timestamp()) * 1_000_000_000


def standing(connection, at_ns):
    return fact_ledger.known(connection).standing(at_ns)


def test_a_unit_may_begin_and_another_end_in_one_import_on_a_day_to_come(connection):
    carry_out(connection, plan(connection, units=UNITS, systems=SYSTEMS, assets=ASSETS), 0)
    when = When(now_ns=JULY - 1, effective="2025-07-01")

    carry_out(connection, plan(connection, units=AFTER, changes=ENDS, when=when), JULY - 1)

    before, after = standing(connection, JULY - 1), standing(connection, JULY)
    assert (sorted(before.units), before.assets["A2"].unit) == (["u1", "u2"], "u2")
    assert (sorted(after.units), after.assets["A2"].unit) == (["u1", "u3"], "u3")
    assert after.units["u3"].valid_from == "2025-07-01"
    assert rows.all_units(connection)["u2"].valid_to == ""
    fact_ledger.settle(connection, JULY - 1, JULY)
    assert rows.all_units(connection)["u2"].valid_to == "2025-06-30"


def test_importing_the_old_file_again_does_not_bring_back_what_ended(connection):
    carry_out(connection, plan(connection, units=UNITS, systems=SYSTEMS, assets=ASSETS), 0)
    carry_out(connection, plan(connection, units=AFTER, when=When(effective="2025-07-01")), JULY)
    carry_out(connection, plan(connection, changes=ENDS), JULY)

    again = plan(connection, units=UNITS, systems=SYSTEMS, assets=ASSETS, changes=ENDS, when=When(now_ns=JULY))

    assert (again.facts, again.problems, again.unchanged) == ((), (), 1)


def test_a_row_that_says_when_its_unit_ends_is_a_unit_that_ends(connection):
    dated = b"code,name_vi,kind,valid_from,valid_to,successor\nu1,Mot,commune,2020-01-01,2025-06-30,u2\n"
    carry_out(connection, plan(connection, units=File("u.csv", dated + b"u2,Hai,commune,,,\n")), JULY)

    past = fact_ledger.known(connection)
    assert (past.heir("u1", JULY - 1), past.heir("u1", JULY)) == ("u1", "u2")
    assert past.unit("u1", 0) is None


@pytest.mark.parametrize(
    ("system", "day", "said"),
    [("u2", "2025-08-01", "ended on 2025-06-30; its successor is u3"), ("u3", "2025-06-01", "does not stand yet")],
)
def test_nothing_begins_in_a_unit_that_does_not_stand(connection, system, day, said):
    carry_out(connection, plan(connection, units=UNITS), 0)
    carry_out(connection, plan(connection, units=AFTER, changes=ENDS, when=When(effective="2025-07-01")), JULY)
    systems = File("s.csv", f"id,name,unit,level\nS9,x,{system},2\n".encode())

    (problem,) = plan(connection, systems=systems, when=When(JULY, effective=day)).problems

    assert str(problem).startswith("s.csv:2: unit: ")
    assert said in str(problem)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"u1,x,commune,2025-13-01,,", "is no date"),
        (b"u1,x,commune,,9999-12-31,", "is no date"),
        (b"u1,x,commune,0001-01-01,,", "is no date"),
        (b"u1,x,commune,2025-07-01,2025-06-30,", "is before 2025-07-01"),
        (b"u1,x,commune,,,u2", "say the last day"),
    ],
)
def test_dates_that_cannot_be_are_refused(connection, row, said):
    header = b"code,name_vi,kind,valid_from,valid_to,successor\n"

    (problem,) = plan(connection, units=File("u.csv", header + row)).problems

    assert said in str(problem)


def test_a_day_that_is_none_is_refused_before_anything_is_read(connection):
    with pytest.raises(RefusedError, match="--effective"):
        plan(connection, units=UNITS, when=When(effective="1.7.2025"))
