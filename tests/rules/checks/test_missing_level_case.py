# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_rules.checks.missing_level_case import find


def test_a_level_without_a_boundary_case_is_found(book, with_cases):
    cases = next(each for each in book.cases if each.rule == "agent_silent")
    kept = tuple(case for case in cases.fires if case.level != 4)

    (problem,) = find(with_cases("agent_silent", fires=kept))

    assert problem.what == "fires of agent_silent has no case for level 4"


def test_a_rule_judged_the_same_everywhere_needs_no_case_per_level(book, with_cases):
    cases = next(each for each in book.cases if each.rule == "account_created")
    kept = tuple(replace(case, level=None) for case in cases.fires)

    assert list(find(with_cases("account_created", fires=kept))) == []
