# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.pronounce import thresholds


@pytest.mark.parametrize(
    ("rule", "level", "expected"),
    [
        ("account_created", 1, {}),
        ("ssh_brute_force", 4, {"ssh_failed_logins": 6, "ssh_failed_window": 300}),
        ("ssh_success_after_failures", 5, {"gte": 2, "ssh_success_window": 3600}),
        ("disk_nearly_full", 1, {"disk_free_ratio": 0.05, "disk_full_for": 600}),
        ("agent_silent", 5, {"agent_silent_after": 75}),
    ],
)
def test_a_threshold_goes_by_the_name_of_its_parameter(shipped_rules, shipped_pack, rule, level, expected):
    assert thresholds(shipped_rules.rules[rule], shipped_pack.profile(level)) == expected
