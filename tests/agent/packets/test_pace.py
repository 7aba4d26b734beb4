# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.pace import FULL, LOOK_NS, TURN_NS, Pace

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
    pace.turned(SECOND_NS + past_ns, part)

    assert pace.due_ns == SECOND_NS + past_ns + due_ns


def test_the_first_turn_is_at_once():
    assert Pace(7).due_ns == 7


def test_an_alarm_rings_on_when_it_rings_soon_again():
    pace = Pace(SECOND_NS)

    assert [pace.rang(SECOND_NS + at) for at in (0, LOOK_NS, 2 * LOOK_NS, 4 * LOOK_NS)] == [False, True, True, False]
