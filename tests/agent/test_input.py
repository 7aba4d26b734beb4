# SPDX-License-Identifier: Apache-2.0
import random

from giamsat_agent.input import rest_s


def test_turns_are_about_as_far_apart_as_asked_for_whatever_one_took():
    rng = random.Random(1)

    rests = [rest_s(60.0, 10.0, rng) for _ in range(1_000)]

    assert 47.0 <= min(rests) < 47.1
    assert 52.9 < max(rests) <= 53.0
    assert rest_s(60.0, 300.0, rng) == 1.0
