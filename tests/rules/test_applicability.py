# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from giamsat_rules.applicability import unfit

RULE = "ssh_brute_force"


def test_what_sets_everything_can_judge(shipped_rules, shipped_pack):
    assert {unfit(rule, profile) for rule in shipped_rules.rules.values() for profile in shipped_pack.every()} == {None}


def test_a_missing_parameter_matters_only_where_the_rule_is_judged(shipped_rules, shipped_pack):
    rule, profile = shipped_rules.rules[RULE], shipped_pack.profile(3)
    without = replace(profile, values={})

    assert unfit(rule, without) == "sets no ssh_failed_logins, ssh_failed_window"
    assert unfit(rule, replace(without, rules=profile.rules - {RULE})) is None


def test_more_than_a_window_holds_is_never_reached(shipped_rules, pack_of):
    profile = pack_of(3, ssh_failed_logins=10_000).profile(3)

    why = "asks for what never comes: no whole number from 1 to 512 is gte 10000"
    assert unfit(shipped_rules.rules[RULE], profile) == why
