# SPDX-License-Identifier: Apache-2.0
import pytest

RULE = """
title: r
name: r
logsource: {{product: linux}}
detection:
  one: {{a: 1}}
  two_x: {{b: 1}}
  two_y: {{c: 1}}
  act: {{event.action: [Login, logout]}}
  condition: {condition}
"""


@pytest.mark.parametrize(
    ("condition", "fields", "expected"),
    [
        ("one and not two_x", {"a": 1}, True),
        ("one and not two_x", {"a": 1, "b": 1}, False),
        ("1 of two_*", {"c": 1}, True),
        ("all of two_*", {"c": 1}, False),
        ("all of two_*", {"b": 1, "c": 1}, True),
        ("not (one or two_x)", {}, True),
        ("[one, two_x]", {"b": 1}, True),
        ("1 of them", {"c": 1}, True),
    ],
)
def test_conditions_combine_as_written(rules_of, condition, fields, expected):
    rule = rules_of(RULE.format(condition=condition)).rules["r"]

    assert rule.matches(fields) is expected


@pytest.mark.parametrize(
    ("condition", "actions"),
    [
        ("act", {"login", "logout"}),
        ("act and one", {"login", "logout"}),
        ("act or one", None),
        ("not act", None),
        ("one", None),
    ],
)
def test_the_actions_a_rule_needs_are_known_only_when_it_cannot_hold_without(rules_of, condition, actions):
    rule = rules_of(RULE.format(condition=condition)).rules["r"]

    assert rule.bound == ({"event.action": frozenset(actions)} if actions else {})
