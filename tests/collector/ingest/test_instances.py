# SPDX-License-Identifier: Apache-2.0
"""A copied disk whose two hosts are on at once: the second is refused; one that came back from a power cut is not."""

import asyncio
import math
import random

import pytest

from giamsat_collector.ingest.instances import Instances, TwoInstancesError
from giamsat_collector.ingest.service import HEARTBEAT_MS
from support import virtual_time

PROBE_S = 0.3
LONG_S = 600


def watched(probe_s):
    instances = Instances(lambda agent, nonce: instances.dismissed.append((agent, nonce)), probe_s, settle_s=0.02)
    instances.dismissed = []
    return instances


@pytest.fixture
def instances():
    return watched(PROBE_S)


@pytest.fixture
def patient():
    """Who asks for so long that a test which waits for it fails, and a busy machine makes no difference."""
    return watched(LONG_S)


async def heard_later(instances, nonce):
    for _ in range(3):
        await asyncio.sleep(0.03)
        instances.heard("A", nonce)


async def test_both_streams_of_one_instance_have_a_place(instances):
    for _ in range(2):
        await instances.claim("A", 1)

    assert instances.dismissed == []


async def test_an_instance_that_lives_keeps_its_place_and_the_newcomer_is_refused(patient):
    await patient.claim("A", 1)

    async with asyncio.TaskGroup() as both:
        both.create_task(heard_later(patient, 1))
        with pytest.raises(TwoInstancesError):
            await patient.claim("A", 2)

    await patient.claim("A", 1)
    assert patient.dismissed == []


async def test_an_instance_that_ended_makes_room_at_once(patient):
    await patient.claim("A", 1)
    patient.release("A", 1)

    async with asyncio.timeout(LONG_S / 10):
        await patient.claim("A", 2)


async def test_an_instance_that_ends_while_it_is_asked_makes_room_for_both_streams_of_the_newcomer(patient):
    await patient.claim("A", 1)
    await patient.claim("A", 1)

    async def end():
        await asyncio.sleep(0.03)
        patient.release("A", 1)
        patient.release("A", 1)

    async with asyncio.timeout(LONG_S / 10), asyncio.TaskGroup() as both:
        both.create_task(end())
        both.create_task(patient.claim("A", 2))
        both.create_task(patient.claim("A", 2))

    patient.release("A", 2)
    async with asyncio.TaskGroup() as both:
        both.create_task(heard_later(patient, 2))
        with pytest.raises(TwoInstancesError):
            await patient.claim("A", 3)


async def test_an_instance_that_is_silent_is_dismissed(instances):
    await instances.claim("A", 1)

    await instances.claim("A", 2)
    instances.release("A", 1)

    assert instances.dismissed == [("A", 1)]
    await instances.claim("A", 2)


async def test_what_was_under_way_when_the_newcomer_came_is_no_sign_of_life(instances):
    await instances.claim("A", 1)

    async with asyncio.TaskGroup() as both:
        claim = both.create_task(instances.claim("A", 2))
        await asyncio.sleep(0)
        instances.heard("A", 1)

    assert claim.exception() is None
    assert instances.dismissed == [("A", 1)]


async def test_agents_do_not_wait_for_each_other(patient):
    await patient.claim("A", 1)

    async with asyncio.timeout(LONG_S / 10):
        await patient.claim("B", 2)


async def at_once(come_s, dies_s):
    """One identity, at home on a host that says something every 20 seconds, and on a copy that comes later.

    After how many seconds the copy is refused, None when it is given the place; the first host dies in `dies_s`.
    """
    instances, loop = Instances(lambda *_: None), asyncio.get_running_loop()
    await instances.claim("A", 1)

    async def at_home():
        while loop.time() < dies_s:
            instances.heard("A", 1)
            await asyncio.sleep(HEARTBEAT_MS / 1_000)

    home = loop.create_task(at_home())
    await asyncio.sleep(come_s)
    began = loop.time()
    try:
        await instances.claim("A", 2)
    except TwoInstancesError:
        return loop.time() - began
    else:
        return None
    finally:
        home.cancel()


def test_two_that_are_on_at_once_are_found_within_a_minute_whenever_the_copy_comes(pytestconfig, record_property):
    """And a host that comes back after it lost its power, whose old connection still looks open, never is."""
    draw, copies = random.Random(8), pytestconfig.option.copies
    comes = [draw.uniform(0, 3_600) for _ in range(copies)]

    took = [virtual_time.lived(at_once(come_s, dies_s=math.inf)) for come_s in comes]
    alone = [virtual_time.lived(at_once(come_s, dies_s=come_s)) for come_s in comes]

    found = sum(passed is not None and passed <= 60 for passed in took)
    false = sum(passed is not None for passed in alone)
    counts = f"{copies} copies, {found} found, {false} of {copies} found that were none"
    record_property("copied disks, both on", f"{counts}, {copies - found + false} violations")
    assert (found, false) == (copies, 0)
