# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from giamsat_agent.packets.chunk import true_at


@pytest.mark.parametrize(
    ("chosen", "places"),
    [([], []), ([False, True, True], [1, 2]), ([0, 7, 0, -1], [1, 3])],
    ids=["no rows", "a mask", "numbers"],
)
def test_the_places_that_are_true_or_not_0_are_found(chosen, places):
    assert true_at(np.array(chosen)).tolist() == places
