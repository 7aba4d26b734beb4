# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensor import Host
from giamsat_agent.sensors.clock_jump import ClockJump
from support.clock import ManualClock

SECOND_NS = 1_000_000_000


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def sensor(clock):
    return ClockJump(Host(clock=clock))


@pytest.mark.parametrize(("seconds", "direction"), [(31_536_000, "forward"), (-3_600, "backward"), (1.5, "forward")])
def test_a_clock_that_was_moved_is_told_with_direction_and_size(sensor, clock, seconds, direction):
    list(sensor.read())
    clock.advance(5 * SECOND_NS)
    clock.jump(int(seconds * SECOND_NS))

    (event,) = sensor.read()

    assert event.kind == "clock-jumped"
    assert event.fields["giamsat.clock.direction"] == direction
    assert event.fields["giamsat.clock.jump_seconds"] == abs(seconds)
    assert event.wall_ns == clock.wall_ns()


def test_a_jump_is_told_once(sensor, clock):
    list(sensor.read())
    clock.jump(60 * SECOND_NS)

    assert [len(list(sensor.read())) for _ in range(2)] == [1, 0]


def test_time_that_passes_and_a_correction_of_a_second_are_no_jump(sensor, clock):
    list(sensor.read())
    clock.advance(100_000 * SECOND_NS)
    clock.jump(-SECOND_NS)

    assert list(sensor.read()) == []


def test_the_first_reading_knows_of_no_jump(sensor):
    assert list(sensor.read()) == []
