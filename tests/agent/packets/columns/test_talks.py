# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.columns.talks import end_of, talk_of, way_of


def test_both_directions_are_one_talk_and_two_ways_and_any_other_end_or_protocol_is_another():
    def of(near, far, protocol=17):
        ends = [end_of(np.array([address], np.uint64), np.array([port])) for address, port in (near, far)]
        talk = talk_of(*ends, np.array([protocol]))
        return int(talk[0]), int(way_of(talk, ends[0] > ends[1])[0])

    up, down = of((1, 2), (3, 4)), of((3, 4), (1, 2))
    others = [of((1, 2), (3, 5)), of((2, 1), (3, 4)), of((1, 4), (3, 2)), of((1, 2), (3, 4), 6)]

    assert up[0] == down[0]
    assert up[1] != down[1]
    assert up[0] in {up[1], down[1]}
    assert len({talk for talk, _ in [up, *others]}) == 1 + len(others)
