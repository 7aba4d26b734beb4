# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.rule import Comparison, parameters


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [("lt", True, False, False), ("lte", True, True, False), ("gt", False, False, True), ("gte", False, True, True)],
)
def test_a_comparison_holds_as_its_name_says(comparison, below, equal, above):
    assert [Comparison(comparison).holds(value, 5) for value in (4, 5, 6)] == [below, equal, above]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("account_created", set()),
        ("ssh_brute_force", {"ssh_failed_logins", "ssh_failed_window"}),
        ("clock_offset", {"clock_offset_seconds", "clock_off_for"}),
        ("agent_silent", {"agent_silent_after"}),
    ],
)
def test_a_rule_names_its_parameters(shipped_rules, rule, named):
    assert parameters(shipped_rules.rules[rule]) == named


def test_a_rule_alone_keeps_what_it_builds_on_and_nothing_else(shipped_rules):
    alone = shipped_rules.alone("ssh_success_after_failures")

    assert set(alone.rules) == {
        *("ssh_success_after_failures", "ssh_repeated_failures", "ssh_successful_login", "ssh_failed_login")
    }
    assert alone.filters == shipped_rules.filters
