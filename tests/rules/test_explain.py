# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.errors import UnknownError
from giamsat_rules.explain import about, explain


def test_every_step_of_the_chain_is_told_with_its_line(shipped_rules, shipped_pack):
    explanation = explain(shipped_rules, shipped_pack, "ssh_brute_force", 3)
    logins = explanation.parameters[0]

    assert [(step.level, step.value) for step in logins.steps] == [(1, 20), (2, 10), (3, 8)]
    assert logins.steps[-1].origin.file.name == "level-3.yml"
    assert explanation.judged
    assert [step.what for step in explanation.said_by] == ["include"]
    assert explanation.hash == shipped_pack.profile(3).hash


def test_an_unclassified_system_is_explained_by_the_strictest_level(shipped_rules, shipped_pack):
    explanation = explain(shipped_rules, shipped_pack, "agent_silent", None)

    assert (explanation.level, explanation.unclassified) == (5, True)


def test_a_rule_that_does_not_exist_is_answered_with_similar_names(shipped_rules, shipped_pack):
    with pytest.raises(UnknownError, match="ssh_brute_force"):
        explain(shipped_rules, shipped_pack, "ssh_bruteforce", 3)


def test_a_name_that_is_like_no_other_is_answered_with_where_names_stand(shipped_rules, shipped_pack):
    with pytest.raises(UnknownError) as refused:
        explain(shipped_rules, shipped_pack, "zzz", 3)

    assert str(refused.value) == "there is no rule 'zzz'; give a name out of `giamsat-rules coverage`"


def test_a_rule_is_introduced_in_both_languages_with_what_to_do_first(shipped_rules):
    said = list(about(shipped_rules.rules["ssh_brute_force"].header))

    header = shipped_rules.rules["ssh_brute_force"].header
    assert said[0].startswith(f"{header.title.vi} / {header.title.en}  [{header.severity}  T1110")
    assert sum(line.startswith("  1. ") for line in said) == len(("vi", "en"))
    assert said[-1].startswith("  may also be: ")
