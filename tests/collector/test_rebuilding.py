# SPDX-License-Identifier: Apache-2.0
"""What a restart takes up again, and what it has no need to look at."""

import itertools

import pytest

from giamsat_collector import rebuilding
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import progress
from giamsat_collector.judge import Judge
from giamsat_collector.pipeline import READER
from giamsat_collector.rebuilding import CHAIN_NS
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_rules.verdict import Subject
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.codec import encode_happenings, encode_readings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Sample, SampleSet
from support.clock import ManualClock
from support.judging import SECOND, Works, failed_login
from support.verdicts import PLACEMENT, recorded, verdict

MINUTE, DAY = 60 * SECOND, 86_400 * SECOND


@pytest.fixture
async def works(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    yield works
    await works.store.close()


def service(works, port):
    """An event of a packet sensor: a host takes connections on a port."""
    fields = {
        "event.category": ("network",),
        "giamsat.policy.class": "listening_service",
        "destination.ip": "192.0.2.80",
        "destination.port": port,
    }
    return encode_happenings([Event("packet-policy", works.clock.wall_ns(), 0, fields)])


async def reads(works, sample):
    """One reading of the host becomes durable."""
    reading = SampleSet(works.clock.wall_ns(), 0, (sample,))
    return await works.arrive([encode_readings(ChainEncoder(), [reading], begin=True)], lane=Lane.METRIC)


async def test_what_a_network_had_before_a_restart_is_neither_new_nor_learnt_anew(works):
    async with works.running():
        await works.judged(await works.arrive(service(works, 443)))
    works.clock.advance(8 * DAY)
    await works.again()
    async with works.running():
        await works.judged(await works.arrive(service(works, 443)))
        known = await works.alerts("new_service_on_the_wire")
        await works.judged(await works.arrive(service(works, 4444)))
    await works.again()
    async with works.running():
        works.clock.advance(MINUTE)
        await works.judged(await works.arrive(service(works, 4444)))

    (alert,) = await works.alerts("new_service_on_the_wire")
    assert known == []
    assert (alert.groups[0].group["destination.port"], alert.count) == ("4444", 1)


async def test_alerts_that_are_open_are_taken_over_a_few_at_a_time(works, monkeypatch):
    taken, resume = [], Judge.resume

    def watched(judge, alerts):
        taken.append([alert.asset for alert in alerts])
        resume(judge, alerts)

    for asset in ("A1", "A2", "A3"):
        said = verdict(subject=Subject(asset, 3))
        await works.store.write(lambda rows, said=said: recorded(rows, said, PLACEMENT, 1))
    monkeypatch.setattr(rebuilding, "ALERTS_AT_ONCE", 2)
    monkeypatch.setattr(Judge, "resume", watched)
    await works.again()
    async with works.running():
        await works.judged(await works.guesses(1))

    assert (list(map(len, taken)), {each for part in taken for each in part}) == ([2, 1], {"A1", "A2", "A3"})


async def test_readings_are_judged_again_from_where_they_matter_and_events_from_where_those_do(works, monkeypatch):
    reach_ns, load = works.judge.engine.readings_reach_ns + CHAIN_NS, Sample("node_load1", 1.0)
    async with works.running():
        await works.arrive(encode_happenings([failed_login(works.clock.wall_ns())]))
        await reads(works, load)
        works.clock.advance(2 * MINUTE)
        await reads(works, load)
        works.clock.advance(reach_ns - MINUTE)
        await works.reached(await reads(works, load))
    looked_at, judging = [], Judge.frames

    def frames(judge, batch):
        looked_at.extend((one.lane, one.seq) for one in batch)
        return judging(judge, batch)

    monkeypatch.setattr(Judge, "frames", frames)
    await works.again()

    assert looked_at == [(Lane.EVENT, 1), (Lane.METRIC, 2), (Lane.METRIC, 3)]
    assert (works.pipeline.rebuilding.share, works.pipeline.figures.waited_ns) == (1.0, 0)


async def test_a_disk_that_cannot_be_read_for_a_while_delays_it_and_it_misses_nothing(works, monkeypatch):
    async with works.running():
        last = await works.guesses(6)
        await works.judged(last)
        await works.reached(last)
    reading, refusals = SqliteStore.read, itertools.cycle([None, StoreError("cannot read")])

    async def read(store, work):
        if (refusal := next(refusals)) is not None:
            raise refusal
        return await reading(store, work)

    with monkeypatch.context() as failing:
        failing.setattr("giamsat_collector.rebuilding.RETRY_S", 0.001)
        failing.setattr(SqliteStore, "read", read)
        await works.again()

    assert (works.pipeline.figures.cursor, works.pipeline.rebuilding.share) == (last, 1.0)
    assert works.turns > 3, "waiting for the disk must not look like a hang"
    async with works.running():
        await works.judged(await works.guesses(2))
    (alert,) = await works.alerts()
    assert alert.count == 8


async def test_a_condition_that_has_to_hold_goes_on_from_when_it_began(works):
    failed = Sample("node_systemd_units", 1.0, (("state", "failed"),))
    async with works.running():
        for _ in range(15):
            last = await reads(works, failed)
            works.clock.advance(4 * MINUTE)
        await works.judged(last)
    before = await works.alerts("system_units_failed")
    await works.again()
    async with works.running():
        await works.judged(await reads(works, failed))

    assert before == []
    assert [alert.count for alert in await works.alerts("system_units_failed")] == [1]


async def test_counting_what_came_before_a_long_stop_is_work_the_service_manager_hears_of(works):
    await works.arrive(encode_happenings([failed_login(works.clock.wall_ns())]) * 3)
    await works.store.write(lambda connection: progress.reach(connection, READER, 3))
    works.clock.advance(30 * DAY)

    await works.again()

    assert works.turns == 1
