# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_rules.checks.unknown_rule import find
from giamsat_rules.rule import RuleSet


def test_names_that_lost_their_rule_are_found(book):
    rules = {name: rule for name, rule in book.rules.rules.items() if name != "account_created"}

    problems = list(find(replace(book, rules=RuleSet(rules))))

    assert ["there is no rule account_created" in problem.what for problem in problems] == [True, True]


def test_a_rule_that_no_level_mentions_is_found(book):
    rule = book.rules.rules["account_created"]
    added = replace(rule, header=replace(rule.header, name="added"))

    (problem,) = find(replace(book, rules=RuleSet({**book.rules.rules, "added": added})))

    assert "no level of tcvn11930-2017 mentions added" in problem.what
