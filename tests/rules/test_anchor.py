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
