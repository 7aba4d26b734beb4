# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.errors import RefusedError, UnreadableError
from giamsat_rules.load import load_cases, load_pack, load_rules, shipped


def test_the_shipped_folders_are_found_beside_the_checkout_too():
    assert (shipped().detections / "authentication" / "ssh_brute_force.yml").is_file()
    assert (shipped().pack / "catalogue.yml").is_file()


def test_one_faulty_rule_does_not_keep_the_others_out(rules_of, detection):
    ruleset = rules_of(
        detection("good", "{a: 1}"), "title: bad\nlogsource: {product: linux}\n", detection("fine", "{b: 1}")
    )

    assert set(ruleset.rules) == {"good", "fine"}
    assert len(ruleset.problems) == 1


def test_a_name_is_given_once(rules_of, detection):
    ruleset = rules_of(detection("r", "{a: 1}"), detection("r", "{a: 2}"))

    assert "is taken by" in ruleset.problems[0].what
    assert ruleset.rules["r"].matches({"a": 1})


def test_what_a_correlation_builds_on_is_silent_unless_it_generates(rules_of, detection, correlation):
    quiet = rules_of(detection("base", "{a: 1}"), correlation("many", "[base]"))
    loud = rules_of(detection("base", "{a: 1}"), correlation("many", "[base]") + "  generate: true\n")

    assert quiet.rules["base"].silent
    assert not loud.rules["base"].silent


@pytest.mark.parametrize("built_on", ["[absent]", "[many]", "[other]"])
def test_a_correlation_that_stands_on_nothing_is_refused(rules_of, correlation, built_on):
    ruleset = rules_of(correlation("many", built_on), correlation("other", "[many]"))

    assert ruleset.rules == {}
    assert len(ruleset.problems) == 2


def test_a_correlation_may_name_a_rule_by_its_id(rules_of, detection, correlation):
    base = detection("base", "{a: 1}") + "id: 72773ac2-75d1-41bc-8aff-d956fb8f0ae0\n"

    ruleset = rules_of(base, correlation("many", "[72773ac2-75d1-41bc-8aff-d956fb8f0ae0]"))

    assert ruleset.rules["many"].rules == ("base",)


def test_a_path_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UnreadableError, match="no such file or folder"):
        load_rules(tmp_path / "absent")
    with pytest.raises(RefusedError, match=r"catalogue\.yml"):
        load_pack(tmp_path)


def test_cases_are_found_beside_a_single_rule_file():
    rule = shipped().detections / "authentication" / "ssh_brute_force.yml"

    files, problems = load_cases(rule)

    assert [file.rule for file in files] == ["ssh_brute_force"]
    assert problems == ()
    assert set(load_rules(rule).rules) == {"ssh_failed_login", "ssh_brute_force"}
