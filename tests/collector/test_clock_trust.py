# SPDX-License-Identifier: Apache-2.0
"""The own clock, when it leaps or may have started wrong: it is doubted for a day."""

import pytest

from giamsat_collector.clock_trust import DOUBTED_NS, LEAP_NS, ClockTrust
from support.clock import ManualClock


def test_time_that_passes_is_no_leap():
    clock = ManualClock()
    clock_trust = ClockTrust(clock, clock.wall_ns())
    clock.advance(100 * LEAP_NS)
    clock.jump(LEAP_NS)

    assert not clock_trust.doubted


@pytest.mark.parametrize("by", [LEAP_NS + 1, -LEAP_NS - 1])
def test_after_a_leap_the_clock_is_doubted_for_a_day_and_after_the_next_one_again(by):
    clock = ManualClock()
    clock_trust = ClockTrust(clock, None)
    clock.jump(by)
    doubted = [clock_trust.doubted]
    clock.advance(DOUBTED_NS - 1)
    doubted.append(clock_trust.doubted)
    clock.jump(-by)
    doubted.append(clock_trust.doubted)
    clock.advance(DOUBTED_NS)
    doubted.append(clock_trust.doubted)

    assert doubted == [True, True, True, False]


def test_a_start_long_after_what_is_known_may_be_one_with_a_wrong_clock():
    clock = ManualClock()

    assert not ClockTrust(clock, clock.wall_ns() - LEAP_NS).doubted
    assert ClockTrust(clock, clock.wall_ns() - LEAP_NS - 1).doubted
    assert not ClockTrust(clock, None).doubted
