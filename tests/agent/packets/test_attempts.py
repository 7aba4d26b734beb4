# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.attempts import AT_ONCE_NS, PER_SOURCE, REMEMBERED_NS, Attempts


def test_what_is_answered_no_longer_counts():
    attempts = Attempts()
    for port in (1, 2):
        known = attempts.tried(7, 9, port, 0, port)
    attempts.answered(7, 9, 1)

    assert [one.port for one in known.unanswered(0)] == [2]


def test_tries_at_one_target_are_one_attempt():
    attempts = Attempts()
    for at in range(3):
        attempts.tried(7, 9, 1, at, at)

    (one,) = attempts.of(7)
    assert (one.tries, one.at_ns) == (3, 0)


def test_after_a_day_nothing_counts():
    known = Attempts().tried(7, 9, 1, 0, 1)

    assert list(known.unanswered(REMEMBERED_NS + 1)) == []


def test_a_source_that_tries_without_end_costs_no_more_memory():
    attempts = Attempts()
    for port in range(PER_SOURCE + 10):
        attempts.tried(7, 9, port, 0, 1)

    assert len(attempts.of(7)) == PER_SOURCE
    assert attempts.evicted == 10


def test_what_is_dropped_at_once_counts_as_unanswered_and_what_is_dropped_later_does_not():
    attempts = Attempts()
    for port in (22, 23):
        attempts.tried(1, 2, port, 0, 1)
        attempts.answered(1, 2, port)

    assert attempts.dropped(1, 2, 22, AT_ONCE_NS) is not None
    assert attempts.dropped(1, 2, 23, AT_ONCE_NS + 1) is None
    assert attempts.dropped(9, 2, 23, 0) is None
    assert [one.answered for one in attempts.of(1)] == [False, True]
