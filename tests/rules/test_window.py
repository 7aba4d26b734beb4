# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.verdict import Occurrence, Subject
from giamsat_rules.window import EPISODES, PENDING, Entry, Window

SUBJECT = Subject("host-1", 3)


def add(window, at, *, needed=3, timespan=10):
    occurrence = Occurrence(SUBJECT, at, {})
    return window.add(Entry(at, "r", (occurrence,)), timespan_ns=timespan, enough=lambda found: len(found) >= needed)


def steps(moments, **kwargs):
    window = Window()
    return [(step.begun, len(step.entries)) if step else None for step in (add(window, at, **kwargs) for at in moments)]


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([0, 5, 10], [None, None, (True, 3)]),
        ([0, 5, 11], [None, None, None]),
        ([0, 6, 11, 12], [None, None, None, (True, 3)]),
        ([0, 1, 2, 12, 22], [None, None, (True, 3), (False, 1), (False, 1)]),
        ([0, 1, 2, 13], [None, None, (True, 3), None]),
        ([0, 1, 2, 100, 101, 102], [None, None, (True, 3), None, None, (True, 3)]),
    ],
)
def test_a_span_fills_continues_and_ends(moments, expected):
    assert steps(moments) == expected


def test_what_comes_late_is_judged_beside_its_own_neighbours():
    assert steps([1000, 0, 5, 1001, 10]) == [None, None, None, None, (True, 3)]


def test_a_late_one_joins_the_episode_it_belongs_to():
    window = Window()
    for at in (0, 1, 2, 100, 101, 102):
        add(window, at)

    step = add(window, 5)

    assert (step.begun, len(step.entries)) == (False, 1)


def test_an_episode_takes_in_those_that_waited_for_it():
    assert steps([100, 0, 95, 91])[-1] == (True, 3)
    assert steps([0, 5, 19, 25, 9])[-1] == (True, 5)


@given(st.lists(st.integers(0, 60), max_size=60))
def test_no_occurrence_is_counted_twice_and_an_episode_counts_all_it_spans(moments):
    window, counted = Window(), []
    for at in moments:
        step = add(window, at)
        counted += [entry.at_ns for entry in step.entries] if step else []
    waiting = [entry.at_ns for entry in window.pending]

    assert sorted(counted + waiting) == sorted(moments)
    for episode in window.episodes:
        assert not any(episode.first_ns <= at <= episode.last_ns for at in waiting)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=60))
def test_in_order_an_alert_is_raised_exactly_when_some_span_is_full(moments):
    ordered = sorted(moments)
    full = any(ordered[i + 2] - ordered[i] <= 10 for i in range(len(ordered) - 2))

    assert any(step is not None and step[0] for step in steps(ordered)) == full


def test_a_group_is_bounded():
    window = Window()
    for number in range(3 * PENDING):
        add(window, number * 100)
    for number in range(3 * EPISODES):
        for near in range(3):
            add(window, 10**6 + number * 100 + near)

    assert len(window.pending) <= PENDING
    assert len(window.episodes) <= EPISODES
