# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.slots import Slots


def hashes(*numbers):
    return np.array(numbers, np.uint64)


def test_what_was_met_is_among_them_and_what_takes_its_place_alone_is_afterwards():
    slots, place = Slots(4), 5 << 60
    slots.note(hashes(place + 1, 1 << 60))

    assert slots.among(hashes(place + 1, place + 2, 1 << 60, 2 << 60)).tolist() == [True, False, True, False]
    slots.note(hashes(place + 2))
    assert slots.among(hashes(place + 1, place + 2)).tolist() == [False, True]
