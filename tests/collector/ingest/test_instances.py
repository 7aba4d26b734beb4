# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_collector.ingest.instances import Instances, TwoInstancesError

PROBE_S = 0.3


@pytest.fixture
def instances():
    instances = Instances(lambda agent, nonce: instances.dismissed.append((agent, nonce)), PROBE_S, settle_s=0.02)
    instances.dismissed = []
    return instances


async def heard_later(instances, nonce):
    for _ in range(3):
        await asyncio.sleep(0.03)
        instances.heard("A", nonce)


async def test_both_streams_of_one_instance_have_a_place(instances):
    for _ in range(2):
        await instances.claim("A", 1)

    assert instances.dismissed == []


async def test_an_instance_that_lives_keeps_its_place_and_the_newcomer_is_refused(instances):
    await instances.claim("A", 1)

    async with asyncio.TaskGroup() as both:
        both.create_task(heard_later(instances, 1))
        with pytest.raises(TwoInstancesError):
            await instances.claim("A", 2)

    await instances.claim("A", 1)
    assert instances.dismissed == []


async def test_an_instance_that_ended_makes_room_at_once(instances):
    await instances.claim("A", 1)
    instances.release("A", 1)

    async with asyncio.timeout(PROBE_S / 2):
        await instances.claim("A", 2)


async def test_an_instance_that_ends_while_it_is_asked_makes_room_for_both_streams_of_the_newcomer(instances):
    await instances.claim("A", 1)
    await instances.claim("A", 1)

    async def end():
        await asyncio.sleep(0.03)
        instances.release("A", 1)
        instances.release("A", 1)

    async with asyncio.timeout(PROBE_S * 0.9), asyncio.TaskGroup() as both:
        both.create_task(end())
        both.create_task(instances.claim("A", 2))
        both.create_task(instances.claim("A", 2))

    instances.release("A", 2)
    async with asyncio.TaskGroup() as both:
        both.create_task(heard_later(instances, 2))
        with pytest.raises(TwoInstancesError):
            await instances.claim("A", 3)


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


async def test_agents_do_not_wait_for_each_other(instances):
    await instances.claim("A", 1)

    async with asyncio.timeout(PROBE_S / 2):
        await instances.claim("B", 2)
