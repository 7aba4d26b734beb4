# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from giamsat_rules.checks.misplaced_rule import find
from giamsat_rules.errors import Origin


def test_a_rule_in_a_file_of_another_name_is_found(with_rule):
    (problem,) = find(with_rule("account_created", origin=Origin(Path("other.yml"), 2)))

    assert str(problem).startswith("other.yml:2: the rule account_created")
    assert problem.remedy.startswith("give it name: other")
