# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.token_bucket import Share

SECOND_NS = 1_000_000_000


def test_so_much_may_be_taken_at_once_and_more_is_earned_with_time_up_to_a_bound():
    share = Share(10, 2)

    assert [share.takes(5, 0), share.takes(5, 0), share.takes(1, 0)] == [True, True, False]
    assert [share.takes(2, SECOND_NS), share.takes(1, SECOND_NS)] == [True, False]
    assert [share.takes(10, 1_000 * SECOND_NS), share.takes(1, 1_000 * SECOND_NS)] == [True, False]


def test_a_clock_that_was_set_back_earns_nothing_and_goes_on():
    share = Share(1, 1)
    share.takes(1, 100 * SECOND_NS)

    assert not share.takes(1, 50 * SECOND_NS)
    assert share.takes(1, 51 * SECOND_NS)


def test_who_is_to_leave_something_to_others_is_refused_before_them():
    share = Share(10, 0)

    assert [share.takes(5, 0, leaving=5), share.takes(1, 0, leaving=5), share.takes(5, 0)] == [True, False, True]
