# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_collector.registry.history import Kind
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.tables import assets

VINH = Unit("40.412", "Thành phố Vinh", UnitKind.DISTRICT, parent="40", valid_from="2023-01-01")
MAIL = System("S1", "Thư điện tử", "40.412", 3, example=True)
PORTAL = System("S2", "Cổng thông tin", "40.412", 2)


@pytest.fixture
def registry(connection):
    rows.put_units(connection, [VINH])
    rows.put_systems(connection, [MAIL, PORTAL])
    return connection


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


def test_many_assets_take_no_more_statements_than_one(registry):
    asked, numbers = [], []
    event.listen(registry, "before_cursor_execute", lambda *said: asked.append(said[2]))
    for number in (1, 50):
        wanted = [Asset(f"A{each}", "x", AssetKind.HOST, "40.412", ("S1", "S2")) for each in range(number)]
        rows.put_assets(registry, wanted, 7)
        numbers.append(len(asked))

    assert numbers == [3, 6]


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


def test_an_asset_written_again_is_known_since_it_was_first(registry):
    for at_ns in (7, 9):
        rows.put_assets(registry, [Asset("A1", "x", AssetKind.HOST, "40.412")], at_ns)

    assert registry.scalar(select(assets.c.since_ns)) == 7


def test_only_what_is_registered_exists(registry):
    assert (rows.exists(registry, Kind.UNIT, "40.412"), rows.exists(registry, Kind.UNIT, "S1")) == (True, False)
    assert (rows.exists(registry, Kind.SYSTEM, "S1"), rows.exists(registry, Kind.ASSET, "S1")) == (True, False)


@pytest.mark.parametrize(("unit", "said"), [("40.999", "registry units"), ("40.1", "40.412")])
def test_nothing_begins_where_no_unit_stands(registry, unit, said):
    ended = Unit("40.1", "Cũ", UnitKind.COMMUNE, valid_to="2025-06-30", successor="40.412")
    rows.put_units(registry, [ended])
    rows.must_stand(registry, "40.412")

    with pytest.raises(RefusedError, match=said):
        rows.must_stand(registry, unit)
