# SPDX-License-Identifier: Apache-2.0
from giamsat_rules.checks.missing_case import find


def test_a_rule_without_a_near_miss_is_found(with_cases):
    (problem,) = find(with_cases("account_created", near_misses=()))

    assert "account_created has no case under near_misses" in problem.what


def test_a_rule_without_cases_lacks_both(with_cases):
    assert len(list(find(with_cases("account_created", rule="renamed")))) == 2
