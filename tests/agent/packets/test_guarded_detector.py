# SPDX-License-Identifier: Apache-2.0
from itertools import pairwise

from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.guarded_detector import LONGEST_NS, SHORTEST_NS, Guarded

SECOND_NS = 1_000_000_000
HOUR_NS = 3_600 * SECOND_NS


class Remembering:
    """A detector that tells how often it was looked at since it began, and fails when it is told to."""

    def __init__(self):
        self.room = Room()
        self.seen = 0

    def take(self, batch):
        self.seen += 1
        self.room.beyond += 1
        if batch == "evil":
            raise ValueError(f"frame {self.seen}")
        return [self.seen]


def looks(guarded, batch, at_ns):
    return list(guarded.look(lambda detector: detector.take(batch), at_ns))


def test_frames_that_make_it_fail_now_and_then_do_not_make_it_forget():
    guarded = Guarded(Remembering())

    found = [looks(guarded, batch, at * SECOND_NS) for at, batch in enumerate(["good", "evil"] * 50)]

    assert found[-2] == [99]
    assert guarded.failures == 50
    assert str(guarded.fault) == "frame 2"


def test_one_that_is_broken_by_what_it_knows_begins_anew_and_then_ever_more_rarely():
    guarded, began, last = Guarded(Remembering()), [], None
    for second in range(0, 4 * 3_600, 10):
        looks(guarded, "evil", second * SECOND_NS)
        if guarded.detector is not last:
            last = guarded.detector
            began.append(second * SECOND_NS)

    pauses = [after - before for before, after in pairwise(began[1:])]
    assert began[:2] == [0, 10 * SECOND_NS]
    assert pauses[:2] == [SHORTEST_NS, 2 * SHORTEST_NS]
    assert max(pauses) == LONGEST_NS == HOUR_NS
    assert pauses == sorted(pauses)


def test_what_was_let_go_of_stays_counted_when_it_begins_anew():
    guarded = Guarded(Remembering())
    first = guarded.detector
    for second in range(5):
        looks(guarded, "evil", second)

    assert guarded.detector is not first
    assert guarded.evicted == 5
