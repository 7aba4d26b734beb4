# SPDX-License-Identifier: Apache-2.0
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine

from giamsat_collector.availability import keeping, maintenance, month
from giamsat_collector.availability.minutes import MINUTE_NS, Seen
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from support.tables import create_tables

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LATER = int(datetime(2027, 1, 1, tzinfo=ZONE).timestamp()) * 10**9
OCTOBER = int(datetime(2026, 10, 1, tzinfo=ZONE).timestamp()) // 60
LENGTH = 31 * 24 * 60


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    create_tables(engine)
    with engine.begin() as connection:
        rows.put_units(connection, [Unit("40.412", "Thành phố Vinh", UnitKind.DISTRICT)])
        rows.put_systems(connection, [System(name, name, "40.412", 3) for name in ("S1", "S2")])
        hosts = [
            Asset(name, name, AssetKind.HOST, "40.412", systems) for name, systems in (("h1", ("S1",)), ("h2", ("S1",)))
        ]
        rows.put_assets(connection, hosts, 0)
        yield connection
    engine.dispose()


def told(asset, check, first, last, *, up=True):
    """Every minute of October from the `first` up to and without the `last` had this result."""
    names = frozenset({check})
    return Seen(
        asset, OCTOBER + first, OCTOBER + last - 1, names, names if up else frozenset(), frozenset() if up else names
    )


def october(connection):
    over = month.span("2026-10", ZONE, LATER)
    return month.read(connection, "2026-10", over), over


def test_a_month_is_that_of_the_zone_and_ends_now():
    assert month.span("2026-10", ZONE, LATER).first == OCTOBER
    assert month.span("2026-10", ZONE, LATER).end - OCTOBER == LENGTH
    assert month.span("2026-10", ZONE, (OCTOBER + 90) * MINUTE_NS).end == OCTOBER + 91
    assert month.span("2026-12", ZONE, 1 << 62).end == int(datetime(2027, 1, 1, tzinfo=ZONE).timestamp()) // 60
    for wrong in ("2026-13", "10/2026", "2027-02"):
        with pytest.raises(RefusedError):
            month.span(wrong, ZONE, LATER)


def test_a_system_was_down_when_one_check_failed_and_unknown_when_one_said_nothing(connection):
    keeping.record(
        connection,
        [
            told("h1", "portal", 0, 1000),
            told("h1", "portal", 1000, 1060, up=False),
            told("h1", "portal", 1060, LENGTH),
            told("h2", "database", 0, 2000),
        ],
    )

    found, over = october(connection)
    said = month.as_json(found.systems["S1"], over)

    assert set(found.systems) == {"S1"}
    assert (said["up_minutes"], said["down_minutes"]) == (1940, 60)
    assert said["unknown_minutes"] == LENGTH - 2000, "the agent beside the database fell silent"
    assert said["availability"] == 0.97
    assert said["outages"] == [{"from": "2026-10-01T09:40Z", "to": "2026-10-01T10:40Z", "minutes": 60}]
    assert [(one["check"], one["down_minutes"]) for one in said["checks"]] == [("portal", 60), ("database", 0)]


def test_a_month_of_silence_after_a_good_one_is_unknown_and_never_up(connection):
    keeping.record(connection, [told("h1", "portal", -1000, 0)])

    found, _ = october(connection)
    whole = found.systems["S1"].whole

    assert (whole.up, whole.down, whole.unknown, whole.ratio) == (0, 0, LENGTH, None)


def test_a_check_that_was_taken_out_does_not_count_after_that(connection):
    keeping.record(
        connection,
        [
            told("h1", "old", 0, 100),
            told("h1", "portal", 0, LENGTH),
        ],
    )

    whole = october(connection)[0].systems["S1"].whole

    assert whole.up + whole.unknown == LENGTH
    assert whole.unknown == 0


def test_declared_maintenance_is_left_out_until_it_is_withdrawn(connection):
    keeping.record(connection, [told("h1", "portal", 0, 1000), told("h1", "portal", 1000, 1100, up=False)])
    times = ((OCTOBER + 990) * MINUTE_NS, (OCTOBER + 1100) * MINUTE_NS)
    maintenance.declare(connection, "S1", *times, reason="nâng cấp", author="an", at_ns=0)
    with_it = october(connection)[0].systems["S1"].whole
    maintenance.withdraw(connection, 1, author="an", at_ns=1)
    without = october(connection)[0].systems["S1"]

    assert (with_it.up, with_it.down, with_it.maintenance, with_it.ratio) == (990, 0, 110, 1.0)
    assert (without.whole.down, without.whole.maintenance) == (100, 0)
    assert without.maintenances[0].withdrawn_by == "an"
