# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.chunk import longs_at, true_at


@pytest.mark.parametrize(
    ("chosen", "places"),
    [([], []), ([False, True, True], [1, 2]), ([0, 7, 0, -1], [1, 3])],
    ids=["no rows", "a mask", "numbers"],
)
def test_the_places_that_are_true_or_not_0_are_found(chosen, places):
    assert true_at(np.array(chosen)).tolist() == places


def test_numbers_of_four_bytes_are_read_wherever_they_begin():
    data = np.frombuffer(b"\0\1\2\3\xff\xff\xff\xff", np.uint8)

    assert longs_at(data, np.array([4, 0, 1])).tolist() == [2**32 - 1, 0x00010203, 0x010203FF]
    assert longs_at(data[:2], np.zeros(0, np.int64)).tolist() == []
