# SPDX-License-Identifier: Apache-2.0
from giamsat_rules.coverage import coverage, navigator


def test_a_technique_lists_its_rules_the_levels_that_judge_them_and_what_is_proven(book):
    covered = {each.technique: each for each in coverage(book.rules, book.pack, book.cases)}

    assert "ssh_brute_force" in covered["T1110.001"].rules
    assert covered["T1110.001"].levels == (1, 2, 3, 4, 5)
    assert covered["T1110.001"].proven == len(covered["T1110.001"].rules)


def test_a_rule_that_only_feeds_others_covers_nothing(book):
    silent = {name for name, rule in book.rules.rules.items() if getattr(rule, "silent", False)}

    covered = coverage(book.rules, book.pack, book.cases)

    assert silent
    assert not silent.intersection(name for each in covered for name in each.rules)


def test_a_layer_for_the_navigator_has_every_technique(book):
    covered = coverage(book.rules, book.pack, ())

    layer = navigator(covered, "x")

    assert [each["techniqueID"] for each in layer["techniques"]] == [each.technique for each in covered]
    assert {each.proven for each in covered} == {0}
