# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.detector import DAY_NS
from giamsat_agent.packets.settled import SHIFT, Settled

SLOT = 1 << int(SHIFT)


def numbers(*values):
    return np.array(values, np.uint64)


def taken(settled, keys, times, first=1):
    """Attempts by the source 7 at ports of the target 9."""
    places = np.arange(len(keys))
    ends = (np.full(len(keys), 7, np.uint64), np.full(len(keys), 9, np.uint64), places + 80)
    return settled.take(numbers(*keys), ends, np.array(times), places + first).tolist()


def test_what_was_taken_is_held_and_comes_back_once_it_is_let_go():
    settled = Settled()

    assert taken(settled, [SLOT, 2 * SLOT], [5, 6]) == [True, True]
    assert settled.holds(numbers(SLOT, 2 * SLOT, 3 * SLOT)).tolist() == [True, True, False]
    assert list(settled.let_go(numbers(SLOT, SLOT, 3 * SLOT))) == [(7, 9, 80, 5, 1, 1)]
    assert settled.holds(numbers(SLOT, 2 * SLOT)).tolist() == [False, True]


def test_what_finds_another_in_its_slot_is_not_taken_until_that_is_a_day_old():
    settled = Settled()

    assert taken(settled, [SLOT, SLOT + 1], [0, 1]) == [True, False]
    assert taken(settled, [SLOT + 1], [DAY_NS], first=9) == [False]
    assert taken(settled, [SLOT + 1], [DAY_NS + 1], first=9) == [True]
    assert list(settled.let_go(numbers(SLOT, SLOT + 1))) == [(7, 9, 80, DAY_NS + 1, 9, 1)]


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_done_again_keeps_its_first_frame_and_its_last_time(at_once):
    settled = Settled()
    if at_once:
        taken(settled, [SLOT, SLOT], [5, 8])
    else:
        taken(settled, [SLOT], [5])
        taken(settled, [SLOT], [8], first=4)

    assert settled.made_once(numbers(SLOT), np.array([9]), 10).tolist() == [False]
    assert list(settled.let_go(numbers(SLOT))) == [(7, 9, 80, 8, 1, 2)]


def test_what_was_made_once_is_so_for_as_long_as_is_asked():
    settled = Settled()
    taken(settled, [SLOT], [5])

    once = settled.made_once(numbers(SLOT, SLOT, 2 * SLOT), np.array([15, 16, 5]), 10)

    assert once.tolist() == [True, False, False]


def test_all_of_a_source_is_let_go_and_nothing_of_another():
    settled = Settled()
    taken(settled, [SLOT, 2 * SLOT], [5, 6])

    assert list(settled.let_go_of(8)) == []
    assert len(list(settled.let_go_of(7))) == 2
    assert list(settled.let_go_of(7)) == []
