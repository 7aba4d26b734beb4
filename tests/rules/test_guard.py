# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.guard import BURST_NS, MOST_NS, Guard


class Ticking:
    """A clock that a judgement moves forward."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now

    def work(self, ns):
        self.now += ns
        return True


@pytest.fixture
def clock():
    return Ticking()


def test_a_rule_that_raises_is_named_with_its_reason_and_not_asked_again():
    guard, asked = Guard(), []

    def broken():
        asked.append(1)
        raise ZeroDivisionError("by design")

    said = [guard.run("r", broken), guard.run("r", broken)]

    assert said == [None, None]
    assert len(asked) == 1
    assert guard.disabled == {"r": "ZeroDivisionError: by design"}


def test_a_rule_that_keeps_taking_too_long_is_disabled_and_the_others_go_on(clock):
    guard = Guard(clock)

    for _ in range(100):
        guard.run("slow", clock.work, MOST_NS)
        guard.run("quick", clock.work, 1_000)

    assert "engine's time" in guard.disabled["slow"]
    assert "quick" not in guard.disabled


def test_a_rule_that_is_slow_now_and_then_stays(clock):
    guard = Guard(clock)

    for _ in range(1_000):
        guard.run("r", clock.work, 20_000_000)
        clock.now += 1_000_000_000

    assert guard.disabled == {}


def test_one_long_pause_of_the_machine_costs_no_rule_its_place(clock):
    guard = Guard(clock)

    guard.run("r", clock.work, 100 * BURST_NS)

    assert guard.disabled == {}


def test_without_a_clock_nothing_is_measured():
    assert Guard().run("r", max, 1, 2) == 2
