# SPDX-License-Identifier: Apache-2.0
from dataclasses import dataclass

import pytest

from giamsat_agent.uplink.clock_offset import Reference

SECOND = 10**9


@dataclass
class At:
    """Two clocks that stand where they are put."""

    wall_s: float
    mono_s: float

    def wall_ns(self):
        return int(self.wall_s * SECOND)

    def mono_ns(self):
        return int(self.mono_s * SECOND)


@pytest.mark.parametrize(
    ("wall_s", "mono_s", "ahead_s"),
    [
        (1_000.0, 11.0, 0.0),
        (1_000.5, 11.0, 0.0),
        (1_003.0, 11.0, 2.0),
        (900.0, 11.0, -99.0),
        (1_000.0 + 3_600, 11.0 + 3_600, 0.0),
        (1_000.0, 11.0 + 3_600, -3_599.0),
    ],
    ids=["right", "within_what_the_way_takes", "ahead", "behind", "right_an_hour_later", "set_back_an_hour_later"],
)
def test_only_what_the_way_leaves_no_doubt_of_counts(wall_s, mono_s, ahead_s):
    reference = Reference(server_ns=1_000 * SECOND, asked_ns=10 * SECOND, answered_ns=12 * SECOND)

    assert reference.ahead_s(At(wall_s, mono_s)) == ahead_s


def test_the_collector_s_time_is_taken_from_the_middle_of_the_way():
    reference = Reference(server_ns=1_000 * SECOND, asked_ns=10 * SECOND, answered_ns=12 * SECOND)

    assert reference.behind_ns(At(990.0, 11.0)) == 10 * SECOND
    assert reference.behind_ns(At(999.0, 20.0)) == 10 * SECOND
