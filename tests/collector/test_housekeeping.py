# SPDX-License-Identifier: Apache-2.0
import asyncio

from sqlalchemy import select
from structlog.testing import capture_logs

from giamsat_collector import first_seen, housekeeping
from giamsat_collector.config import Config
from giamsat_collector.coverage import minute_rows
from giamsat_collector.coverage.source_minutes import Minute
from giamsat_collector.errors import StoreError
from giamsat_collector.housekeeping import Housekeeping
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.session import Incoming
from giamsat_collector.parts import Parts
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.history import Fact, Key, Kind
from giamsat_collector.sightings import keeping as sightings
from giamsat_collector.traffic import keeping
from giamsat_collector.traffic.tables import flow_minutes
from giamsat_wire.lane import Lane
from support.flowing import WEB, minute
from support.judging import until
from support.sighting import sighting

HOUR = 3_600 * 1_000_000_000
MINUTE = HOUR // 60


async def arrive(parts, seqs):
    def work(connection):
        arrivals = [Arrival("A1", Incoming(Lane.EVENT, 5, seq, 0, b"p", 0), parts.clock.wall_ns(), 0) for seq in seqs]
        frames.append(connection, arrivals)

    await parts.store.write(work)


async def kept(parts):
    return [frame.seq for frame in await parts.store.read(lambda connection: frames.after(connection, 0, 1_000))]


async def test_all_frames_that_are_old_judged_and_archived_go_however_many_they_are(parts, monkeypatch):
    monkeypatch.setattr(housekeeping, "AT_ONCE", 3)
    await arrive(parts, range(1, 11))
    parts.clock.advance(parts.config.retention.frame_hours * HOUR)
    await arrive(parts, range(11, 13))
    parts.clock.advance(HOUR)

    await Housekeeping(parts).keep()
    assert await kept(parts) == list(range(1, 13))  # nobody has judged them

    judging = asyncio.ensure_future(parts.pipeline.run())
    await until(lambda: parts.pipeline.figures.cursor == 12)
    judging.cancel()
    await asyncio.gather(judging, return_exceptions=True)
    await Housekeeping(parts).keep()
    assert await kept(parts) == [11, 12]


async def test_all_minutes_of_flows_that_are_old_go_however_many_they_are(parts, monkeypatch):
    monkeypatch.setattr(housekeeping, "AT_ONCE", 3)
    kept_from = parts.clock.wall_ns()
    told = [minute(WEB, start_ns=kept_from + (number - 10) * MINUTE) for number in range(12)]
    await parts.store.write(lambda connection: keeping.record(connection, told))
    parts.clock.advance(parts.config.retention.flow_days * 24 * HOUR)

    await Housekeeping(parts).keep()

    left = select(flow_minutes.c.start_ns).order_by(flow_minutes.c.start_ns)
    rows = await parts.store.read(lambda connection: connection.execute(left).scalars().all())
    assert rows == [kept_from, kept_from + MINUTE]


async def test_all_minutes_of_sources_that_are_old_go_however_many_they_are(parts, monkeypatch):
    monkeypatch.setattr(housekeeping, "AT_ONCE", 3)
    first = parts.clock.wall_ns() // MINUTE - 10
    told = [Minute("A1", first + number, "journald", produced=1) for number in range(12)]
    await parts.store.write(lambda connection: minute_rows.keep(connection, 7, told))
    parts.clock.advance(minute_rows.KEPT * MINUTE)

    await Housekeeping(parts).keep()

    left = await parts.store.read(lambda connection: minute_rows.of(connection, "A1", 0))
    assert [one.minute - first for one in left] == [10, 11]


async def test_a_clock_that_leaps_ahead_lets_go_of_nothing_before_it_could_be_put_right(parts):
    await arrive(parts, range(1, 4))
    parts.keeper.cursor = 3
    parts.pipeline._cursor = 3
    house = Housekeeping(parts)
    await house.keep()
    parts.clock.jump(5 * 365 * 24 * HOUR)
    await house.keep()
    doubted, days = await kept(parts), len(parts.archive.days())
    parts.clock.jump(-5 * 365 * 24 * HOUR)
    await house.keep()

    assert (doubted, days) == ([1, 2, 3], 1)
    assert (await kept(parts), len(parts.archive.days())) == ([1, 2, 3], 1)


async def test_nor_does_a_start_with_a_clock_that_is_ahead(parts, tmp_path):
    clock = parts.clock
    async with Parts.opened(Config(data=str(tmp_path / "other")), clock) as first:
        await arrive(first, range(1, 4))
    clock.jump(5 * 365 * 24 * HOUR)
    async with Parts.opened(Config(data=str(tmp_path / "other")), clock) as again:
        again.keeper.cursor = again.pipeline._cursor = 3
        await Housekeeping(again).keep()

        assert await kept(again) == [1, 2, 3]


async def test_what_is_to_hold_from_a_later_day_on_holds_once_it_has_come_and_not_by_a_leap(parts):
    now, unit = parts.clock.wall_ns(), Key(Kind.UNIT, "40.1")
    facts = [
        Fact(unit, 0, {"id": "40.1", "name": "cũ", "kind": "commune"}),
        Fact(unit, now + 300 * 24 * HOUR, {"name": "mới"}),
    ]
    await parts.store.write(lambda connection: fact_ledger.tell(connection, Telling("an", "x"), facts, now))
    await parts.store.read(parts.registry.load)
    names = []
    for leap, passes in ((400, 0), (-400, 2), (0, 300)):
        parts.clock.jump(leap * 24 * HOUR)
        parts.clock.advance(passes * 24 * HOUR)
        await Housekeeping(parts).keep()
        names.append(parts.registry.units["40.1"].name)

    assert names == ["cũ", "cũ", "mới"]


async def test_what_the_disk_refuses_is_said_and_tried_again(parts, monkeypatch):
    monkeypatch.setattr(housekeeping, "EVERY_S", 0)
    house, tries = Housekeeping(parts), []

    async def keep():
        tries.append(1)
        raise StoreError("database or disk is full")

    monkeypatch.setattr(house, "keep", keep)
    with capture_logs() as said:
        keeping_house = asyncio.ensure_future(house.run())
        await until(lambda: len(tries) > 1)
        keeping_house.cancel()

    assert said[0] == {"event": "house_not_kept", "log_level": "error", "reason": "database or disk is full"}


async def test_all_that_was_not_seen_for_long_goes_however_much_it_is(parts, monkeypatch):
    monkeypatch.setattr(housekeeping, "AT_ONCE", 3)
    now = parts.clock.wall_ns()
    hosts = [sighting(mac=f"02:00:00:00:00:{number:02x}", last_ns=now) for number in range(10)]

    def work(connection):
        sightings.record(connection, hosts)
        first_seen.keep(connection, {("t", "a", (str(number),)): now for number in range(10)})

    await parts.store.write(work)
    parts.clock.advance(max(first_seen.DAYS, parts.config.retention.sighting_days) * 24 * HOUR + 1)

    await Housekeeping(parts).keep()

    assert await parts.store.read(lambda rows: (first_seen.every(rows), sightings.every(rows))) == ([], ())


async def test_frames_that_stay_are_not_looked_through_each_time(parts, monkeypatch):
    monkeypatch.setattr(housekeeping, "AT_ONCE", 3)
    looked, forget = [], frames.forget_before

    def looking(connection, **words):
        looked.append(words["after"])
        return forget(connection, **words)

    monkeypatch.setattr(frames, "forget_before", looking)
    await arrive(parts, range(1, 5))
    parts.clock.advance(parts.config.retention.frame_hours * HOUR + 1)
    await arrive(parts, range(5, 30))
    monkeypatch.setattr(parts.pipeline, "_cursor", 29)

    await Housekeeping(parts).keep()

    assert (looked, await kept(parts)) == ([0, 3], list(range(5, 30)))
