# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.rule import Anchor


def anchor(rules_of, detection, selection):
    return rules_of(detection("r", selection)).rules["r"].anchor


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("{a|contains: Mimi}", Anchor(literals=frozenset({"mimi"}))),
        ("{a: 'x*longer?y'}", Anchor(literals=frozenset({"longer"}))),
        ("{a: [ab, cd]}", Anchor(literals=frozenset({"ab", "cd"}))),
        ("{a: 4625}", Anchor(values=frozenset({("a", 4625.0)}))),
        ("{event.action: User-Login}", Anchor(values=frozenset({("event.action", "user-login")}))),
        ("{a|re: x+}", Anchor(fields=frozenset({"a"}))),
        ("{a: x}", Anchor(fields=frozenset({"a"}))),
        ("{a: đã tắt}", Anchor(literals=frozenset({" t"}))),
        ("{a: ắđ}", Anchor(fields=frozenset({"a"}))),
        ("{a: đã-tắt-xong}", Anchor(literals=frozenset({"t-xong"}))),
        ("{a|exists: true}", Anchor(fields=frozenset({"a"}))),
        ("{a: null}", None),
        ("{a: ['', null]}", None),
        ("{a|exists: false}", None),
        ("{CommandLine|re: x+}", Anchor(fields=frozenset({"CommandLine", "process.command_line"}))),
        ("[refused, denied]", Anchor(literals=frozenset({"refused", "denied"}))),
        ("{a: abcdefgh, b|contains: xy, c: null}", Anchor(literals=frozenset({"abcdefgh"}))),
        ("{a|contains|all: [ab, longest]}", Anchor(literals=frozenset({"longest"}))),
    ],
)
def test_an_anchor_is_what_an_event_must_have(rules_of, detection, selection, expected):
    assert anchor(rules_of, detection, selection) == expected


def test_every_part_of_a_conjunction_narrows(rules_of, detection):
    rule = rules_of(detection("r", "{a|contains: [first, second], b|endswith: /third, c: 1}")).rules["r"]

    assert set(rule.narrowings) == {frozenset({"first", "second"}), frozenset({"/third"})}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("{a: x, b|exists: true}", [{"a"}, {"b"}]),
        ("{a: null, b: x}", [{"b"}]),
        ("{a: [x, null]}", []),
        ("{a|exists: false}", []),
        ("{CommandLine: x}", [{"CommandLine", "process.command_line"}]),
        ("[{a: x}, {b: y}]", [{"a", "b"}]),
        ("[{a: x, c: z}, {b: y, c: z}]", [{"c"}]),
        ("[{a: x}, {b: null}]", []),
        ("{a|fieldref: b}", [{"a"}, {"b"}]),
        ("{a|lt: 5, a|neq: 3}", [{"a"}]),
        ("{'@timestamp|hour': 3, a: x}", [{"a"}]),
        ("[keyword]", []),
    ],
)
def test_a_rule_needs_the_fields_it_asks_for_unless_their_absence_would_do(rules_of, detection, selection, expected):
    rule = rules_of(detection("r", selection)).rules["r"]

    assert set(rule.present) == {frozenset(each) for each in expected}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("{Image|endswith: [/curl, /Wget], CommandLine|contains: http}", {"/curl", "/wget"}),
        ("[{Image|endswith: /curl}, {process.name: curl}]", {"/curl", "curl"}),
        ("[{Image|endswith: /curl}, {CommandLine|contains: curl}]", set()),
        ("[curl]", set()),
        ("[{Image|endswith: /curl}, {Image: null}]", set()),
    ],
)
def test_what_is_asked_of_telling_fields_alone_is_told_apart(rules_of, detection, selection, expected):
    assert rules_of(detection("r", selection)).rules["r"].told == frozenset(expected)


@pytest.mark.parametrize(
    ("selection", "condition", "expected"),
    [
        ("{Image|endswith: /curl, x: abc}", "selection", {"Image", "process.executable", "process.name", "x"}),
        ("{x: abc}", "selection and not other", {"x"}),
        ("{x: abc}", "selection or other", {"x", "y"}),
        ("[abc]", "selection", None),
        ("{x: abc}", "selection and words", None),
        ("{x: abc}", "selection and not words", {"x"}),
    ],
)
def test_literals_are_looked_for_where_a_rule_asks_for_them(rules_of, detection, selection, condition, expected):
    others = "  other: {y: abcd}\n  words: [abcde]\n"
    text = detection("r", selection).replace("  condition: selection", f"{others}  condition: {condition}")

    assert rules_of(text).rules["r"].reads == expected
