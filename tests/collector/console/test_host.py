# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.host import HostStatus


@pytest.mark.parametrize(
    ("known", "condition"),
    [
        ({"heard_ns": None}, "never"),
        ({"heard_ns": 1, "silent": False}, "reporting"),
        ({"heard_ns": 1, "silent": True}, "silent"),
        ({"heard_ns": 1, "silent": True, "left": "stopped"}, "left"),
    ],
)
def test_a_host_is_in_one_condition(known, condition):
    assert HostStatus("A1", "a", "u", "U", None, None, **known).condition == condition
