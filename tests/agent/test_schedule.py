# SPDX-License-Identifier: Apache-2.0
import asyncio
import random
import threading

import pytest

from giamsat_agent import schedule as schedules
from giamsat_agent.schedule import ABSENT_RETRY_S, Planned, Schedule, read_once
from giamsat_agent.sensor import ITEMS_PER_READING, NothingToRead, SensorSpec
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import Position, Sample
from support.clock import ManualClock

S = 1_000_000_000


class Steady:
    def __init__(self, name, every_s=15.0, limit_s=2.0, read=None):
        self.spec = SensorSpec(name, lambda host: self, every_s, limit_s)
        self.read = read or (lambda: [Sample(name, 1.0)])


def schedule(clock, delivered, *sensors):
    planned = [Planned(sensor.spec, sensor) for sensor in sensors]
    return Schedule(planned, clock=clock, rng=random.Random(1), deliver=delivered.append)


def names(delivered):
    return [[(outcome.sensor, len(outcome.items)) for outcome in turn] for turn in delivered]


async def test_sensors_of_one_interval_are_delivered_together():
    clock, delivered = ManualClock(), []
    plan = schedule(clock, delivered, Steady("cpu"), Steady("stat"), Steady("ports", every_s=5.0))
    await plan.turn()

    for _ in range(8):
        clock.advance(plan.next_due_ns() - clock.mono_ns())
        await plan.turn()

    turns = [[name for name, _ in turn] for turn in names(delivered)]
    assert [turn for turn in turns if "cpu" in turn] == [turn for turn in turns if "stat" in turn]
    assert sum("cpu" in turn for turn in turns) in {3, 4}


@pytest.mark.parametrize("sensors", [(), (Steady("rare", every_s=300.0),)], ids=["none", "a rare one"])
async def test_who_watches_over_the_agent_hears_that_it_lives_though_nothing_is_due(monkeypatch, sensors):
    monkeypatch.setattr(schedules, "LONGEST_REST_S", 0.001)
    heard, again = [], asyncio.Event()

    def alive():
        heard.append(True)
        if len(heard) == 3:
            again.set()

    planned = [Planned(sensor.spec, sensor) for sensor in sensors]
    plan = Schedule(planned, clock=SystemClock(), rng=random.Random(1), deliver=lambda _: None, alive=alive)
    running = asyncio.ensure_future(plan.run())
    await asyncio.wait_for(again.wait(), 60)
    running.cancel()

    assert len(heard) == 3


async def test_a_hung_sensor_stops_nobody_and_its_late_yield_still_arrives():
    clock, delivered, release = ManualClock(), [], threading.Event()
    hung = Steady("disk", limit_s=0.5, read=lambda: release.wait(60) and [Sample("disk", 1.0)])
    plan = schedule(clock, delivered, hung, Steady("cpu"))

    await plan.turn()
    clock.advance(15 * S)
    await plan.turn()
    release.set()
    await asyncio.wait_for(plan._planned[0].running, 60)
    clock.advance(15 * S)
    await plan.turn()

    assert names(delivered) == [
        [("disk", 0), ("cpu", 1)],
        [("disk", 0), ("cpu", 1)],
        [("disk", 1), ("disk", 1), ("cpu", 1)],
    ]
    assert "no answer within 0.5 s" in delivered[0][0].failure
    assert "has not returned" in delivered[1][0].failure


async def test_a_sensor_that_is_not_for_this_host_is_asked_again_rarely():
    def missing():
        raise NothingToRead("no conntrack table; load nf_conntrack")

    clock, delivered = ManualClock(), []
    plan = schedule(clock, delivered, Steady("conntrack", read=missing))
    await plan.turn()

    assert delivered[0][0].absent
    clock.advance(15 * S)
    await plan.turn()
    assert len(delivered) == 1
    clock.advance(int(ABSENT_RETRY_S * S))
    await plan.turn()
    assert len(delivered) == 2


def test_how_far_a_log_was_read_goes_with_what_was_read():
    """Who asked the log itself could be told of what is not durable yet, because it has not been delivered."""
    log = Steady("log")
    log.position = lambda: Position("log", b"1")
    outcome = read_once(log.spec, log, ManualClock())
    log.position = lambda: Position("log", b"2")

    assert outcome.position == Position("log", b"1")
    assert read_once(Steady("cpu").spec, Steady("cpu"), ManualClock()).position is None


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("odd"), ZeroDivisionError()])
def test_what_was_yielded_before_a_fault_is_kept(error):
    def half():
        yield Sample("a", 1.0)
        raise error

    sensor = Steady("half", read=half)

    outcome = read_once(sensor.spec, sensor, ManualClock())

    assert outcome.items == (Sample("a", 1.0),)
    assert type(error).__name__ in outcome.failure


def test_a_reading_without_end_is_cut_at_the_limit():
    def endless():
        while True:
            yield Sample("a", 1.0)

    sensor = Steady("endless", read=endless)

    outcome = read_once(sensor.spec, sensor, ManualClock())

    assert len(outcome.items) == ITEMS_PER_READING
    assert "more than" in outcome.failure


async def test_patient_sensors_are_read_more_rarely_while_asked_to_and_others_as_ever():
    clock, delivered, factor = ManualClock(), [], [1]
    sensors = [Steady("cpu"), Steady("ports", every_s=5.0)]
    planned = [Planned(sensor.spec, sensor, patient=sensor.spec.name == "cpu") for sensor in sensors]
    plan = Schedule(planned, clock=clock, rng=random.Random(1), deliver=delivered.append, stretch=lambda: factor[0])

    async def readings(seconds):
        delivered.clear()
        for _ in range(seconds):
            clock.advance(S)
            await plan.turn()
        return [sum(name == wanted for turn in names(delivered) for name, _ in turn) for wanted in ("cpu", "ports")]

    await plan.turn()
    assert await readings(120) == [8, 24]
    factor[0] = 4
    await readings(15)
    assert await readings(120) == [2, 24]
    factor[0] = 1
    await readings(60)
    assert await readings(120) == [8, 24]
