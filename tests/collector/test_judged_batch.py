# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import pytest

from giamsat_collector.coverage.source_minutes import Minute
from giamsat_collector.judge import Judged
from giamsat_collector.judged_batch import Turn
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason
from support.stored import stored


def turn(*judged, packets=(), hidden=(), hits=(), told=(), minutes=()):
    found = [(stored(1), one) for one in judged]
    return Turn(found, packets, Counter(hidden), Counter(hits), dict(told), 0, minutes, {})


def test_frames_of_which_there_is_nothing_to_say_leave_nothing():
    assert turn(Judged(), Judged(received={"auth": 3})).is_empty


@pytest.mark.parametrize(
    "left",
    [
        turn(Judged(), Judged(poison="torn")),
        turn(Judged(forged="")),
        turn(Judged(loss=Loss(Lane.EVENT, 5, 1, 2, LossReason.CORRUPT))),
        turn(Judged(verdicts=("any",))),
        turn(Judged(), packets=[(stored(1), {})]),
        turn(Judged(), hidden=[7]),
        turn(Judged(), hits=["ncsc"]),
        turn(Judged(), told={("new", "a", ("x",)): 1}),
        turn(Judged(), minutes=[Minute("A1", 1, "auth")]),
    ],
    ids=["poison", "forged", "loss", "verdict", "packets", "hidden", "hits", "told", "minutes"],
)
def test_what_has_to_be_written_makes_a_turn_worth_a_transaction(left):
    assert not left.is_empty
