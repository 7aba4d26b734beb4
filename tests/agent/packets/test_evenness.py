# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.evenness import CALLS, is_even, period_s


def test_fewer_calls_are_even_only_if_they_come_like_a_clock():
    assert is_even([number * 60 * 10**9 for number in range(10)])
    assert not is_even([number * 60 * 10**9 for number in range(9)])
    assert not is_even([(number * 60 + number % 2 * 8) * 10**9 for number in range(CALLS - 1)])


def test_the_period_is_the_usual_pause_whatever_one_of_them_was():
    assert period_s([number * 10**9 for number in (0, 60, 120, 900, 960)]) == 60
