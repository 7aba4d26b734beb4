# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy.exc import IntegrityError

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind

VINH = Unit("40.412", "Thành phố Vinh", UnitKind.DISTRICT, parent="40", valid_from="2023-01-01")
MAIL = System("S1", "Thư điện tử", "40.412", 3, example=True)
PORTAL = System("S2", "Cổng thông tin", "40.412", 2)


@pytest.fixture
def registry(connection):
    rows.put_units(connection, [VINH])
    rows.put_systems(connection, [MAIL, PORTAL])
    return connection


def enrol(connection, agent="A1", system="S1"):
    rows.host_enrolled(connection, agent_id=agent, unit="40.412", system=system, hostname="máy-1", at_ns=7)


def test_records_are_read_as_they_were_written(registry):
    asset = Asset("A1", "máy-1", AssetKind.DEVICE, "40.412", ("S1", "S2"))
    rows.put_assets(registry, [asset], 7)

    assert rows.all_units(registry) == {"40.412": VINH}
    assert rows.all_systems(registry) == {"S1": MAIL, "S2": PORTAL}
    assert rows.all_assets(registry) == {"A1": asset}


def test_writing_again_replaces_and_adds(registry):
    rows.put_systems(registry, [System("S1", "Thư", "40.412", 5), System("S3", "Mới", "40.412", 1)])

    found = rows.all_systems(registry)
    assert ([found[name].level for name in sorted(found)], found["S1"].example) == ([5, 2, 1], False)


def test_an_asset_written_again_belongs_to_the_new_systems_only(registry):
    for systems in (("S1", "S2"), ("S2",), ()):
        rows.put_assets(registry, [Asset("A1", "x", AssetKind.HOST, "40.412", systems)], 7)

        assert rows.all_assets(registry)["A1"].systems == systems


@pytest.mark.parametrize(
    "write",
    [
        lambda c: rows.put_systems(c, [System("S9", "x", "nowhere", 1)]),
        lambda c: rows.put_assets(c, [Asset("A9", "x", AssetKind.HOST, "nowhere")], 0),
        lambda c: rows.put_assets(c, [Asset("A9", "x", AssetKind.HOST, "40.412", ("nothing",))], 0),
    ],
)
def test_what_belongs_to_nothing_is_not_written(registry, write):
    with pytest.raises(IntegrityError):
        write(registry)


def test_an_enrolled_host_stands_where_its_token_said(registry):
    enrol(registry)
    enrol(registry, agent="A2", system=None)

    found = rows.all_assets(registry)
    assert found["A1"] == Asset("A1", "máy-1", AssetKind.HOST, "40.412", ("S1",))
    assert found["A2"].systems == ()


def test_linking_twice_is_linking_once(registry):
    enrol(registry)
    for _ in range(2):
        rows.link(registry, "A1", "S2")

    assert rows.all_assets(registry)["A1"].systems == ("S1", "S2")
    rows.unlink(registry, "A1", "S1")
    assert rows.all_assets(registry)["A1"].systems == ("S2",)


@pytest.mark.parametrize(
    ("do", "hint"),
    [
        (lambda c: rows.link(c, "nobody", "S1"), "registry assets"),
        (lambda c: rows.link(c, "A1", "nothing"), "registry systems"),
        (lambda c: rows.unlink(c, "A1", "S2"), "registry assets"),
    ],
)
def test_a_mistyped_name_is_refused_with_where_to_look(registry, do, hint):
    enrol(registry)

    with pytest.raises(RefusedError, match=hint):
        do(registry)


def test_only_what_is_registered_exists(registry):
    assert (rows.unit_exists(registry, "40.412"), rows.unit_exists(registry, "S1")) == (True, False)
    assert (rows.system_exists(registry, "S1"), rows.system_exists(registry, "40.412")) == (True, False)
