# SPDX-License-Identifier: Apache-2.0
"""What befalls many alerts at once is written in bounded turns: others write between, and no crash loses any of it."""

import asyncio
from itertools import pairwise

import pytest

from giamsat_collector import pipeline
from giamsat_collector.alerts import search
from giamsat_collector.alerts.search import Filter
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind
from giamsat_wire.codec import encode_happenings
from support.clock import ManualClock
from support.judging import SECOND, Works, failed_login, until

HOSTS = [f"{number:08x}-1111-4111-8111-111111111111" for number in range(10)]
SILENT, CUT = "agent_silent", "unit_cut_off"


class Written:
    """A store that notes after each transaction what stood in the queue, and how many alerts were open wherever.

    It writes nothing any more once it did so `most` times with alerts open.
    """

    def __init__(self, store, most=1_000):
        self.store, self.read, self.most = store, store.read, most
        self.queue, self.open = [], []

    @property
    def full(self):
        return sum(map(bool, self.open)) == self.most

    async def write(self, work):
        if self.full:
            await asyncio.Event().wait()
        done = await self.store.write(work)
        self.queue.append(tuple(await standing(self.store, "open")))
        self.open.append(len(self.queue[-1]) + len(await standing(self.store, "consequence")))
        return done


async def standing(store, state):
    found = await store.read(lambda connection: search.search(connection, Filter.parse([("state", state)])))
    return [alert.rule for alert in found.alerts]


@pytest.fixture
async def works(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "ALERTS_PER_TURN", 3)
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    await works.store.write(
        lambda c: rows.put_assets(c, [Asset(one, one[:8], AssetKind.HOST, "40.412", ("S1",)) for one in HOSTS], 0)
    )
    await works.store.read(works.registry.load)
    greet(works)
    yield works
    await works.store.close()


def greet(works):
    for host in HOSTS:
        works.fleet.greeted(Greeting(host, host[:8], "1", 15.0, 0, "b"))


def steps(counts):
    return [later - before for before, later in pairwise([0, *counts])]


async def test_of_many_hosts_that_fall_silent_few_are_told_in_a_turn_and_none_is_in_the_queue_meanwhile(works):
    store = Written(works.store)
    works.pipeline = works.on(store)
    works.clock.advance(400 * SECOND)
    async with works.running():
        await until(lambda: store.open and store.open[-1] == len(HOSTS) + 1)
        for host in HOSTS:
            works.fleet.heard(host, works.clock.wall_ns())
        works.clock.advance(6 * SECOND)
        works.tail.news.set()
        await until(lambda: store.open[-1] == 0)

    assert (min(steps(store.open)), max(steps(store.open))) == (-3, 3)
    assert set(store.queue) == {(), (CUT,)}


async def test_frames_are_judged_between_two_turns(works):
    store = Written(works.store, most=2)
    works.pipeline = works.on(store)
    async with works.running():
        await until(lambda: store.open)
        works.clock.advance(400 * SECOND)
        last = await works.arrive(encode_happenings([failed_login(works.clock.wall_ns())]))
        await until(lambda: store.full)
        await works.judged(last)


async def test_who_dies_between_two_turns_loses_no_alert_and_tells_none_twice(works):
    store = Written(works.store, most=2)
    works.pipeline = works.on(store)
    works.clock.advance(400 * SECOND)
    async with works.running():
        await until(lambda: store.full)
    assert 3 < store.open[-1] < len(HOSTS)

    await works.again()
    greet(works)
    works.clock.advance(400 * SECOND)
    store = Written(works.store)
    works.pipeline = works.on(store)
    async with works.running():
        await until(lambda: store.open and store.open[-1] == len(HOSTS) + 1)

    assert await standing(works.store, "open") == [CUT]
    assert await standing(works.store, "consequence") == [SILENT] * len(HOSTS)
    assert {(alert.rule, alert.count) for rule in (SILENT, CUT) for alert in await works.alerts(rule)} == {
        (SILENT, 1),
        (CUT, 1),
    }
