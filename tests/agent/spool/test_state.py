# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.spool.state import LaneState


def test_a_lane_holds_what_is_committed_and_neither_evicted_nor_damaged():
    state = LaneState(epoch=1, first=4, next=12, acked=3, committed=10, size=0, holes=((6, 7),))

    assert [seq for seq in range(1, 14) if state.holds(seq)] == [4, 5, 8, 9, 10]
