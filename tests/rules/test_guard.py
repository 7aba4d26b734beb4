# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.guard import BURST_NS, MOST_NS, SHARE, SUSPECTED_NS, Guard, Timing


class Machine:
    """What has passed on it, and what it has computed, move when a judgement works or waits."""

    def __init__(self):
        self.passed = self.computed = self.asked = 0
        self.timing = Timing(lambda: self.passed, self._computed)

    def _computed(self):
        self.asked += 1
        return self.computed

    def work(self, ns):
        self.computed += ns
        return self.wait(ns)

    def wait(self, ns):
        self.passed += ns
        return True


@pytest.fixture
def machine():
    return Machine()


def test_a_rule_that_raises_is_named_with_its_reason_and_not_asked_again():
    guard, asked = Guard(), []

    def broken():
        asked.append(1)
        raise ZeroDivisionError("by design")

    said = [guard.run("r", broken), guard.run("r", broken)]

    assert said == [None, None]
    assert len(asked) == 1
    assert guard.disabled == {"r": "ZeroDivisionError: by design"}


def test_a_rule_that_keeps_taking_too_long_is_disabled_and_the_others_go_on(machine):
    guard = Guard(machine.timing)

    for _ in range(100):
        guard.run("slow", machine.work, MOST_NS)
        guard.run("quick", machine.work, 1_000)

    assert "engine's time" in guard.disabled["slow"]
    assert "quick" not in guard.disabled


def test_a_rule_that_is_slow_now_and_then_stays(machine):
    guard = Guard(machine.timing)

    for _ in range(1_000):
        guard.run("r", machine.work, 20_000_000)
        machine.wait(1_000_000_000)

    assert guard.disabled == {}


def test_one_long_pause_of_the_machine_costs_no_rule_its_place(machine):
    guard = Guard(machine.timing)

    guard.run("r", machine.work, 100 * BURST_NS)

    assert guard.disabled == {}


def test_a_rule_that_waits_for_a_busy_machine_stays(machine):
    guard = Guard(machine.timing)

    for _ in range(1_000):
        guard.run("r", machine.wait, MOST_NS)
        guard.run("r", machine.work, 1_000)

    assert guard.disabled == {}


def test_a_rule_that_waited_once_is_not_asked_for_what_it_computed_for_ever(machine):
    guard = Guard(machine.timing)
    for _ in range(20):
        guard.run("r", machine.wait, MOST_NS)
    suspected = machine.asked
    machine.wait(2 * SUSPECTED_NS)
    guard.run("r", machine.work, 1_000)
    trusted = machine.asked

    for _ in range(100):
        guard.run("r", machine.work, 1_000)

    assert 0 < suspected <= trusted
    assert machine.asked == trusted


def test_a_rule_that_takes_a_little_too_much_is_disabled_however_long_that_takes_to_see(machine):
    guard, took = Guard(machine.timing), int(1.5 * SHARE * MOST_NS)

    for _ in range(1_000):
        guard.run("r", machine.work, took)
        machine.wait(MOST_NS - took)

    assert "engine's time" in guard.disabled["r"]


def test_without_timing_nothing_is_measured():
    assert Guard().run("r", max, 1, 2) == 2
