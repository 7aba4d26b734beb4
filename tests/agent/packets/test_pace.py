# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.pace import FULL, HEARD_NS, LOOK_NS, TURN_NS, Pace

SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(
    ("past_ns", "part", "due_ns"),
    [
        (TURN_NS, 0.0, TURN_NS),
        (TURN_NS, 0.01, TURN_NS),
        (TURN_NS, 1.0, TURN_NS // 2),
        (TURN_NS // 4, FULL, TURN_NS // 4),
        (0, 4.0, 0),
    ],
    ids=["nothing came", "few came", "it was full", "half full after a quarter", "more than there is room for"],
)
def test_its_turn_is_when_it_should_be_half_full_and_at_the_latest_after_a_second(past_ns, part, due_ns):
    pace = Pace(SECOND_NS)
    pace.took(SECOND_NS + past_ns, part)
    pace.turned(SECOND_NS + past_ns)

    assert pace.due_ns == SECOND_NS + past_ns + due_ns


def test_what_comes_while_a_turn_lasts_is_part_of_the_next_unless_it_was_taken_too():
    pace = Pace(0)
    pace.took(SECOND_NS // 2, FULL / 2)
    pace.took(SECOND_NS, FULL)
    pace.turned(SECOND_NS * 3 // 2)
    first_ns = pace.due_ns
    pace.took(SECOND_NS * 3 // 2, FULL / 2)
    pace.turned(SECOND_NS * 2)

    assert (first_ns, pace.due_ns) == (2 * SECOND_NS, SECOND_NS * 5 // 2)


def test_hellos_bring_its_turn_forward_but_a_flood_of_them_does_not_keep_it_at_work():
    pace, dues = Pace(0), []
    for _ in range(8):
        now_ns = pace.due_ns or TURN_NS
        pace.heard(now_ns, 1.0)
        pace.took(now_ns, 0.01)
        pace.turned(now_ns)
        dues.append(pace.due_ns - now_ns)

    assert dues[:3] == [TURN_NS // 2, TURN_NS // 4, HEARD_NS]
    assert min(dues) >= HEARD_NS


@pytest.mark.parametrize(
    ("half_full_ns", "waits"),
    [
        (TURN_NS // 64, [True] * 63 + [False] + [True] * 16),
        (TURN_NS * 2 // 5, [True, False] * 40),
        (TURN_NS * 3 // 5, [False] * 80),
    ],
)
def test_what_was_taken_waits_for_what_the_next_turns_bring_as_long_as_none_of_it_gets_too_old(half_full_ns, waits):
    pace, found = Pace(0), []
    for turn in range(1, 81):
        now_ns = turn * half_full_ns
        pace.took(now_ns, FULL)
        found.append(pace.may_wait())
        if not found[-1]:
            pace.looked()
        pace.turned(now_ns)

    assert found == waits


def test_what_was_taken_waits_no_longer_where_nothing_more_comes():
    pace = Pace(0)
    pace.took(TURN_NS // 64, FULL)
    waits = pace.may_wait()
    pace.turned(TURN_NS // 64)
    pace.took(TURN_NS // 32, 0.0)

    assert (waits, pace.may_wait()) == (True, False)


def test_the_first_turn_is_at_once():
    assert Pace(7).due_ns == 7


def test_an_alarm_rings_on_when_it_rings_soon_again():
    pace = Pace(SECOND_NS)

    assert [pace.rang(SECOND_NS + at) for at in (0, LOOK_NS, 2 * LOOK_NS, 4 * LOOK_NS)] == [False, True, True, False]
