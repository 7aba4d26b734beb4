# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.spool.spool import LEAST_CAP, Caps

MIB = 1 << 20


@pytest.mark.parametrize(
    ("most", "caps"),
    [
        (256 * MIB, Caps()),
        (128 * MIB, Caps(16 * MIB, 32 * MIB, 64 * MIB, 16 * MIB)),
        (2 * MIB, Caps(LEAST_CAP, LEAST_CAP, LEAST_CAP, LEAST_CAP)),
    ],
    ids=["as wished", "half", "a tiny disk"],
)
def test_a_small_disk_makes_all_lanes_smaller_by_the_same_part(most, caps):
    assert Caps().within(most) == caps
