# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.attempts import AT_ONCE_NS, LEFT, MOST, PER_SOURCE, REMEMBERED_NS, Attempts
from giamsat_agent.packets.detector import Room


def test_what_is_answered_no_longer_counts():
    attempts = Attempts(Room())
    for port in (1, 2):
        known = attempts.tried(7, 9, port, 0, port)
    attempts.answered(7, 9, 1)

    assert [one.port for one in known.unanswered(0)] == [2]


def test_tries_at_one_target_are_one_attempt():
    attempts = Attempts(Room())
    for at in range(3):
        attempts.tried(7, 9, 1, at, at)

    (one,) = attempts.of(7)
    assert (one.tries, one.at_ns) == (3, 0)


def test_after_a_day_nothing_counts():
    known = Attempts(Room()).tried(7, 9, 1, 0, 1)

    assert list(known.unanswered(REMEMBERED_NS + 1)) == []


def test_a_source_that_tries_without_end_costs_no_more_memory():
    attempts = Attempts(room := Room())
    for port in range(PER_SOURCE + 10):
        attempts.tried(7, 9, port, 0, 1)

    assert len(attempts.of(7)) == PER_SOURCE
    assert room.evicted == 10


def test_what_is_dropped_at_once_counts_as_unanswered_and_what_is_dropped_later_does_not():
    attempts = Attempts(Room())
    for port in (22, 23):
        attempts.tried(1, 2, port, 0, 1)
        attempts.answered(1, 2, port)

    assert attempts.dropped(1, 2, 22, AT_ONCE_NS) is not None
    assert attempts.dropped(1, 2, 23, AT_ONCE_NS + 1) is None
    assert attempts.dropped(9, 2, 23, 0) is None
    assert [one.answered for one in attempts.of(1)] == [False, True]


def test_many_sources_that_try_much_cost_no_more_memory_and_who_tries_little_is_remembered():
    attempts = Attempts(room := Room())
    for port in range(30):
        attempts.tried(1, 2, port, 0, 1)
    sources = range(10, 10 + MOST // PER_SOURCE + 50)
    for source in sources:
        for port in range(PER_SOURCE):
            attempts.tried(source, 2, port, 0, 1)

    held = sum(len(attempts.of(source)) for source in sources)
    assert LEFT // 2 < held <= MOST
    assert room.evicted == len(sources) * PER_SOURCE - held
    assert all(attempts.source(source).open == len(attempts.of(source)) for source in sources)
    assert len(attempts.of(1)) == 30


def test_what_goes_on_was_answered_unless_it_was_refused_before():
    attempts = Attempts(Room())
    for target in (2, 3, 4):
        attempts.tried(1, target, 22, 5, 1)
    attempts.refused(1, 3, 22, 6)
    attempts.refused(1, 4, 22, 8)
    for heard in (100, 200):
        for target in (2, 3, 4, 5):
            attempts.went_on(1, target, 22, 7, heard)
    attempts.refused(1, 9, 22, 6)

    assert [one.answered for one in attempts.of(1)] == [True, False, False]
    assert [one.refused_ns for one in attempts.of(1)] == [0, 6, 8]


@pytest.mark.parametrize("answers", [Attempts.answered, lambda *ends: Attempts.refused(*ends, 9)])
@pytest.mark.parametrize("seen_first", [True, False])
def test_a_target_whose_answers_are_seen_answers_nothing_out_of_sight(answers, seen_first):
    attempts = Attempts(Room())
    for target, port in ((2, 22), (2, 23), (2, 24), (3, 22)):
        attempts.tried(1, target, port, 5, 1)
    if seen_first:
        answers(attempts, 1, 2, 24)
    for heard in (100, 200):
        for target, port in ((2, 22), (2, 23), (3, 22)):
            attempts.went_on(1, target, port, 7, heard)
    if not seen_first:
        assert attempts.source(1).open == 1
        answers(attempts, 1, 2, 24)

    open_ = {(one.target, one.port) for one in attempts.of(1) if not one.answered} - {(2, 24)}
    assert open_ == {(2, 22), (2, 23)}
    assert attempts.source(1).open == sum(not one.answered for one in attempts.of(1))


def test_who_acknowledges_ever_the_same_is_not_answered():
    attempts = Attempts(Room())
    attempts.tried(1, 2, 22, 5, 1)
    for _ in range(5):
        attempts.went_on(1, 2, 22, 7, 100)

    assert [one.answered for one in attempts.of(1)] == [False]


def test_what_was_answered_before_counts_as_answered_and_its_target_as_seen():
    attempts = Attempts(Room())
    attempts.answered_before([(1, 2, 22, 5, 9, 2)])

    (one,) = attempts.of(1)
    assert (one.answered, one.last_ns, one.number, one.tries) == (True, 5, 9, 2)
    assert attempts.source(1).open == 0
    assert attempts.source(1).seen == {2}


def test_an_answered_attempt_is_noted_elsewhere_unless_something_here_depends_on_it():
    attempts = Attempts(Room())
    attempts.tried(1, 2, 22, 5, 1)

    assert attempts.has_room_elsewhere(1, 2, 23, 40_000)
    assert attempts.has_room_elsewhere(8, 1, 22, 40_000)
    assert not attempts.has_room_elsewhere(1, 2, 22, 40_000), "it was tried in vain before"
    assert not attempts.has_room_elsewhere(2, 1, 40_000, 22), "it answers what was tried"

    attempts.source(1).whole = True

    assert not attempts.has_room_elsewhere(1, 2, 23, 40_000)


def test_sources_of_what_is_noted_are_known():
    attempts = Attempts(Room())
    attempts.tried(1, 2, 22, 5, 1)

    assert attempts.known(np.array([1, 2, 1], np.uint64)).tolist() == [True, False, True]
