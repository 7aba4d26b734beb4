# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import pytest
from sqlalchemy import create_engine, event

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_collector.registry.intake import File, carry_out, example_files, plan
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.schema import metadata


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


UNITS = File("u.csv", b"code,name_vi,kind\nu1,Mot,district\nu2,Hai,commune\n")
SYSTEMS = File("s.csv", b"id,name,unit,level\nS1,mot,u1,2\nS2,hai,u1,4\n")
ASSETS = File("a.csv", b"id,name,kind,unit,systems\nA1,srv,host,u1,S1 S2\nA2,srv2,host,u2,\n")


def test_the_example_registry_holds_503_units_and_512_marked_systems(connection):
    units, systems = example_files()
    carry_out(connection, plan(connection, units=units, systems=systems), 0)

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


def test_one_problem_and_nothing_is_written(connection):
    wrong = File("s.csv", b"id,name,unit,level\nS1,mot,u1,2\nS2,hai,u1,9\n")

    with pytest.raises(RefusedError, match=r"s\.csv:3: level"):
        carry_out(connection, plan(connection, units=UNITS, systems=wrong), 0)

    assert rows.all_units(connection) == {}


def test_a_plan_shows_what_is_new_changed_and_the_same(connection):
    carry_out(connection, plan(connection, units=UNITS), 0)

    again = File("u.csv", b"code,name_vi,kind\nu1,Mot,district\nu2,Hai moi,commune\nu3,Ba,commune\n")
    difference = plan(connection, units=again).units

    assert [unit.id for unit in difference.added] == ["u3"]
    assert [unit.name for unit in difference.changed] == ["Hai moi"]
    assert difference.unchanged == 1


def test_a_link_changes_the_level_and_an_unlink_takes_it_back(connection):
    carry_out(connection, plan(connection, units=UNITS, systems=SYSTEMS, assets=ASSETS), 0)
    registry = Registry()

    rows.link(connection, "A2", "S2")
    rows.link(connection, "A2", "S2")
    registry.load(connection)
    assert registry.level("A2") == 4
    rows.unlink(connection, "A2", "S2")
    registry.load(connection)
    assert registry.level("A2") is None


@pytest.mark.parametrize(("asset", "system", "said"), [("A9", "S1", "no such asset"), ("A1", "S9", "no such system")])
def test_a_link_to_nothing_is_refused(connection, asset, system, said):
    carry_out(connection, plan(connection, units=UNITS, systems=SYSTEMS, assets=ASSETS), 0)

    with pytest.raises(RefusedError, match=said):
        rows.link(connection, asset, system)


def test_an_enrolled_host_becomes_an_asset_of_its_unit_and_system(connection):
    carry_out(connection, plan(connection, units=UNITS, systems=SYSTEMS), 0)

    rows.host_enrolled(connection, agent_id="id-1", unit="u1", system="S1", hostname="srv", at_ns=1)

    assert rows.all_assets(connection)["id-1"].systems == ("S1",)
