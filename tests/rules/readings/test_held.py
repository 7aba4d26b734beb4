# SPDX-License-Identifier: Apache-2.0
"""Which readings are passed over. That no verdict changes is tested in tests/collector/readings/test_asking.py."""

from dataclasses import dataclass, field

import pytest

from giamsat_rules.readings.metric import GAP_NS
from giamsat_rules.readings.watch import Watch
from giamsat_rules.verdict import Subject
from giamsat_wire.record import Sample, SampleSet

SECOND = 10**9
MINUTE = 60 * SECOND
HOST = Subject("host-1", 5)
SERIES = (("node_timex_sync_status", ()),)
UNSYNCHRONISED, FINE = b"\x80", b"\x00"
"""Which of the two conditions on that series holds; what a bit stands for does not matter here."""


@dataclass
class Given:
    """Readings of the one series above."""

    watch: Watch
    at_ns: list[int]
    values: list[float]
    before_ns: int = 0
    before: object = None
    subject: Subject = HOST
    rows: dict[int, list[float]] = field(default_factory=dict)

    @property
    def met(self):
        return [UNSYNCHRONISED if value < 1 else FINE for value in self.values]

    def numbers(self, at):
        return self.before if at < 0 else self.rows.setdefault(at, [self.values[at]])


@pytest.fixture
def looked(monkeypatch):
    """When readings were looked at by the rules."""
    times, whole = [], Watch.due
    monkeypatch.setattr(Watch, "due", lambda *words: times.append(words[2] // MINUTE) or whole(*words))
    return times


def given_to(engine, *minutes, values=None, after=None):
    watch = engine.watching(HOST, SERIES, 0)
    made = Given(watch, [at * MINUTE for at in minutes], values or [0.0] * len(minutes))
    if after is not None:
        made.before, made.before_ns = after.numbers(len(after.at_ns) - 1), after.at_ns[-1]
    told = [*engine.judge_held(made, 0, len(minutes))]
    return made, [(one.rule, one.change, one.last_ns // MINUTE) for one in told]


def test_what_meets_the_same_is_passed_over_until_it_has_held_for_long_enough(engine, looked):
    first, told = given_to(engine, *range(20))
    _, then = given_to(engine, *range(20, 40), after=first)

    assert (told, then) == ([], [("clock_unsynchronised", "raised", 30)])
    assert looked == [0, 1, 30]


def test_what_meets_something_else_is_looked_at(engine, looked):
    values = [1.0] * 10 + [0.0] * 5 + [1.0] * 5

    _, told = given_to(engine, *range(20), values=values)

    assert told == []
    assert looked == [0, 1, 10, 15]


def test_after_time_without_readings_it_begins_anew(engine, looked):
    later = 20 + GAP_NS // MINUTE

    _, told = given_to(engine, *range(20), later, *range(later + 1, later + 32))

    assert told == [("clock_unsynchronised", "raised", later + 30)]
    assert looked == [0, 1, later, later + 1, later + 30]


def test_a_time_before_the_last_is_looked_at(engine, looked):
    given_to(engine, 10, 11, 12, 5, 13, 14)

    assert looked == [10, 11, 5, 13, 14]


def test_of_readings_that_do_not_follow_the_last_one_the_first_two_are_looked_at(engine, looked):
    first, _ = given_to(engine, *range(5))
    given_to(engine, *range(5, 9))
    others = Given(first.watch, [9 * MINUTE], [0.0], 7 * MINUTE, first.numbers(4))
    [*engine.judge_held(others, 0, 1)]

    assert looked == [0, 1, 5, 6, 9]


def test_what_stands_since_a_restart_is_looked_at(engine, looked):
    first, _ = given_to(engine, *range(5))
    engine.resume(HOST, "clock_unsynchronised", ())

    given_to(engine, *range(5, 9), after=first)

    assert looked == [0, 1, 5]


def test_a_rule_that_always_has_to_be_judged_keeps_all_from_being_passed_over(engine, looked):
    watch = engine.watching(HOST, SERIES, 0)
    watch.always.add(0)

    given_to(engine, *range(5))

    assert looked == [0, 1, 2, 3, 4]


def test_readings_judged_one_by_one_go_on_where_others_were_passed_over(engine):
    given_to(engine, *range(29))

    told = engine.judge_samples(HOST, SampleSet(31 * MINUTE, 0, (Sample("node_timex_sync_status", 0.0),)))

    assert [(one.rule, one.change) for one in told] == [("clock_unsynchronised", "raised")]
