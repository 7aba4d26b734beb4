# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.absence import silent

SECOND = 10**9
DAY = 86_400 * SECOND


@pytest.mark.parametrize(
    ("name", "last_seen", "expected"),
    [
        ("agent_silent", {"agent": 10 * DAY - 76 * SECOND}, ["agent"]),
        ("agent_silent", {"agent": 10 * DAY - 75 * SECOND}, []),
        ("agent_silent", {}, []),
        ("log_source_silent", {"agent": 10 * DAY, "a": 0, "b": 10 * DAY}, ["a"]),
        ("log_source_silent", {"agent": 1 * SECOND, "a": 0}, []),
        ("log_source_silent", {"agent": 20 * DAY, "a": 10 * DAY}, []),
    ],
)
def test_only_what_was_heard_once_can_fall_silent(shipped_rules, shipped_pack, name, last_seen, expected):
    found = silent(shipped_rules.rules[name], shipped_pack.profile(5), last_seen, 10 * DAY)

    assert list(found) == expected
