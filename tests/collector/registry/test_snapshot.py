# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, Placement, System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry


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
    assert registry.placement("many") == Placement("many", "máy-many", "u", "Thành phố Vinh", "S5", 5)
    assert registry.level("one") == 3


@pytest.mark.parametrize(("asset", "unit"), [("one", "u"), ("none", "u"), ("nobody", None)])
def test_an_asset_belongs_to_the_unit_it_was_registered_for(registry, asset, unit):
    assert registry.unit(asset) == unit


@pytest.mark.parametrize("asset", ["none", "nobody"])
def test_without_a_system_an_asset_is_unclassified_not_low(registry, asset):
    assert registry.level(asset) is None


def test_what_nobody_registered_stands_nowhere_under_its_own_id(registry):
    assert registry.placement("nobody") == Placement("nobody", "nobody", "", "", None, None)


def test_loading_again_forgets_what_is_gone(registry, connection):
    rows.unlink(connection, "one", "S3")

    registry.load(connection)

    assert registry.level("one") is None
    assert sorted(placement.asset for placement in registry) == ["many", "none", "one"]
