# SPDX-License-Identifier: Apache-2.0
"""What a collector says of itself, read from a collector whose every part is real but whose servers do not listen."""

from giamsat_collector import telemetry
from giamsat_collector.availability import keeping
from giamsat_collector.availability.minutes import MINUTE_NS, Seen
from giamsat_collector.expose.collector import OwnMetrics
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.ingest.session import Missing
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.sightings import keeping as sightings
from giamsat_wire import limits
from giamsat_wire.lane import Lane
from support.enrolled import enrolled
from support.sighting import sighting
from support.verdicts import PLACEMENT, recorded, verdict


def agent(number, revoked_ns=None):
    key = bytes([number]) * 32
    return enrolled(f"A{number}", "u", key=key, bound=key, revoked_ns=revoked_ns)


async def reading_of(parts):
    """What the collector knows of itself now."""
    return await telemetry.reading(parts, (await parts.coverage.now(parts.store)).systems)


async def test_every_agent_is_counted_by_its_state(parts):
    for number in range(1, 6):
        parts.endpoints.allow_list.keep(agent(number))
    for number in (1, 2, 3):
        parts.fleet.greeted(Greeting(f"A{number}", "x", "1", 15.0, 0, "b"))
    parts.clock.advance(60 * 1_000_000_000)
    parts.fleet.heard("A1", parts.clock.wall_ns())
    parts.fleet.left("A2", "stopped")
    parts.endpoints.allow_list.expel("A5", "gone", 1)

    assert telemetry.states(parts) == {"live": 1, "stopped": 1, "silent": 1, "never_seen": 1, "revoked": 1}
    assert telemetry.summary(parts)["agents"] == dict(telemetry.states(parts))


async def test_systems_are_counted_by_level_and_rules_as_they_were_loaded(parts):
    def place(connection):
        rows.put_units(connection, [Unit("u", "Vinh", UnitKind.DISTRICT)])
        rows.put_systems(
            connection, [System(f"S{level}{n}", "x", "u", level) for level in (1, 5) for n in range(level)]
        )

    await parts.store.write(place)
    await parts.store.read(parts.registry.load)

    reading = await reading_of(parts)
    assert (reading.coverage["1", "met"], reading.coverage["5", "met"]) == (0, 0), "that none is met is told"
    assert reading.agents == {"live": 0, "silent": 0}

    assert (dict(reading.systems), reading.units) == ({"1": 1, "5": 5}, 1)
    assert reading.rules_loaded == len(parts.rules.force.book.rules.rules) >= 12
    assert reading.rules_disabled == 0


async def test_systems_have_the_share_of_the_known_time_in_which_they_worked(parts):
    minute = parts.clock.wall_ns() // MINUTE_NS

    def told(*, up, first, last):
        names, none = frozenset({"portal"}), frozenset()
        return Seen("A1", first, last, names, names if up else none, none if up else names)

    def place(connection):
        rows.put_units(connection, [Unit("u", "Vinh", UnitKind.DISTRICT)])
        rows.put_systems(connection, [System(name, "x", "u", 3) for name in ("S1", "S2", "S3")])
        rows.put_assets(connection, [Asset("A1", "x", AssetKind.HOST, "u", ("S1",))], 0)
        rows.put_assets(connection, [Asset("A2", "x", AssetKind.HOST, "u", ("S2",))], 0)
        keeping.record(connection, [told(up=True, first=minute - 9, last=minute - 3)])
        keeping.record(connection, [told(up=False, first=minute - 2, last=minute - 2)])
        silent = Seen("A2", minute, minute, frozenset({"portal"}), frozenset(), frozenset())
        keeping.record(connection, [silent])

    await parts.store.write(place)
    await parts.store.read(parts.registry.load)

    reading = await reading_of(parts)

    assert reading.availability == {("S1", "u", "3"): 7 / 8}
    assert reading.availability_s["S1", "down"] == 60
    assert reading.availability_s["S2", "up"] == 0
    assert reading.availability_s["S2", "unknown"] >= 600
    assert {system for system, _ in reading.availability_s} == {"S1", "S2"}


async def test_lost_frames_are_summed_by_lane_and_reason_however_many_are_claimed(parts):
    def lose(connection):
        for first, last in ((1, 3), (5, 5)):
            frames.declare(connection, "A1", [Missing(Lane.METRIC, 5, first, last)], reason="spool_full", at_ns=0)
        for agent in ("A1", "A2", "A3"):
            frames.declare(connection, agent, [Missing(Lane.EVENT, 5, 0, limits.NUMBER)], reason="unknown", at_ns=0)
        frames.declare(connection, "A1", [Missing(Lane.METRIC, 5, 1, 9)], reason="thinned", at_ns=0, count=4)

    await parts.store.write(lose)

    lost = (await reading_of(parts)).lost_frames

    assert lost[("metric", "spool_full")] == lost[("metric", "thinned")] == 4
    assert lost[("event", "unknown")] >= 3 * limits.NUMBER


async def test_open_incidents_and_the_reports_owed_on_them_are_counted_also_after_a_start(parts):
    now = parts.clock.wall_ns()
    alert = await parts.store.write(lambda rows: recorded(rows, verdict(at=now), PLACEMENT, now))
    for serious in (True, False):
        await parts.incidents.open([alert.id], {"title": "x", "group": "dos", "serious": serious}, "an")
    parts.clock.advance(25 * 3600 * 10**9)
    parts.incidents.standing = ()
    await parts.incidents.load()

    reading = await reading_of(parts)

    assert telemetry.summary(parts)["incident_reports_late"] == 1
    assert (dict(reading.incidents), dict(reading.incident_reports)) == ({"yes": 1, "no": 1}, {"late": 1, "due": 1})


async def test_units_are_told_with_the_hosts_of_their_networks_that_have_no_agent(parts):
    def place(connection):
        rows.put_units(connection, [Unit(name, name, UnitKind.COMMUNE) for name in ("u", "v")])
        rows.put_assets(connection, [Asset("A1", "máy", AssetKind.HOST, "u")], 0)
        sightings.record(connection, [sighting(last_ns=parts.clock.wall_ns())])

    await parts.store.write(place)
    await parts.store.read(parts.registry.load)
    await parts.sighted.look()
    page = OwnMetrics().page(await reading_of(parts)).decode()

    assert 'giamsat_unit_unwatched_hosts{unit="u"} 1.0' in page
    assert 'giamsat_unit_unwatched_hosts{unit="v"} 0.0' in page


async def test_the_database_is_told_alike_to_people_and_to_prometheus(parts):
    told = await telemetry.database(parts)
    reading = await reading_of(parts)

    assert told == {"database_size_bytes": reading.database_bytes, "database_free_bytes": reading.database_free_bytes}
    assert told["database_size_bytes"] > 100_000
