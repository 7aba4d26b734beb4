# SPDX-License-Identifier: Apache-2.0
import random
from itertools import accumulate

from giamsat_agent.packets.periodicity import CALLS, MANY_CALLS, is_even, period_s


def test_fewer_calls_are_even_only_if_they_come_like_a_clock():
    assert is_even([number * 60 * 10**9 for number in range(10)])
    assert not is_even([number * 60 * 10**9 for number in range(9)])
    assert not is_even([(number * 60 + number % 2 * 8) * 10**9 for number in range(CALLS - 1)])


def test_many_calls_are_even_though_their_pauses_vary_by_half_and_calls_at_random_never_are():
    drawn = random.Random(3)

    def calls(pause, count):
        return list(accumulate(round(pause() * 10**9) for _ in range(count)))

    assert sum(is_even(calls(lambda: drawn.uniform(30, 90), MANY_CALLS + 20)) for _ in range(50)) >= 45
    assert not any(is_even(calls(lambda: drawn.expovariate(1 / 60), MANY_CALLS + 20)) for _ in range(50))
    assert not any(is_even(calls(lambda: drawn.lognormvariate(4, 1), MANY_CALLS + 20)) for _ in range(50))


def test_the_period_is_the_usual_pause_whatever_one_of_them_was():
    assert period_s([number * 10**9 for number in (0, 60, 120, 900, 960)]) == 60
