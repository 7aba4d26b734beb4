# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.parsers.template import TemplateError, compiled

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("template", "message", "holes"),
    [
        (
            "user <user.name>, ip <source.ip:ip>",
            "user bob, ip 192.0.2.1",
            {"user.name": "bob", "source.ip": "192.0.2.1"},
        ),
        (
            "from <source.ip:ip>:<source.port:int>",
            "from [2001:db8::1]:22 x",
            {"source.ip": "[2001:db8::1]", "source.port": "22"},
        ),
        ("at <:text>: <event.reason:rest>", "at a b: c: d", {"event.reason": "c: d"}),
        ('"<user.name:quoted>"', '"a b" c', {"user.name": "a b"}),
        ("x<:gap><user.name>", "x#011 \tbob", {"user.name": "bob"}),
        ("at <:host><user.name:beside> to x", "at 192.0.2.1(LAN\\bob) to x", {"user.name": "LAN\\bob"}),
        ("at <:host><user.name:beside> to x", "at 192.0.2.1 (b c) to x", {"user.name": "b c"}),
        ("at <:host><user.name:beside> to x", "at 192.0.2.1 to x", {}),
        ("%<:facility>-<:int>-1: ", "%ASA-session-6-1: x", {}),
        ("[<source.ip>]<source.port:port> x", "[192.0.2.1]:25 x", {"source.ip": "192.0.2.1", "source.port": "25"}),
        ("[<source.ip>]<source.port:port> x", "[192.0.2.1] x", {"source.ip": "192.0.2.1"}),
    ],
)
def test_holes_take_what_their_form_says(template, message, holes):
    assert compiled(template).fit(message) == holes


@pytest.mark.parametrize("message", ["a b 12", "xa b c", "a b"])
def test_a_message_that_differs_in_its_fixed_text_or_form_does_not_fit(message):
    assert compiled("a <:word> c").fit(message) is None


def test_the_pattern_is_made_for_the_first_message_that_may_fit_and_once():
    template = compiled("a <:word> c")
    template.fit("nothing of the kind")
    without = vars(template).keys() & {"pattern"}
    first = template.fit("a b c") is not None and template.pattern

    assert not without
    assert template.fit("a d c") is not None
    assert template.pattern is first


def test_a_dollar_at_the_end_lets_nothing_follow():
    template = compiled("done <:int>$")

    assert template.fit("done 1") == {}
    assert template.fit("done 1 2") is None


@given(name=NAMES)
def test_a_name_that_the_peer_chose_cannot_move_the_end_the_program_wrote(name):
    holes = compiled("for '<user.name:last>' from <source.ip:ip>$").fit(f"for '{name}' from 192.0.2.1")

    assert holes == {"user.name": name, "source.ip": "192.0.2.1"}


@pytest.mark.parametrize("template", ["<:word>", "a <x:text>", "a <x:unknown> b", "a <x:text><y:text> b"])
def test_a_template_that_says_nothing_certain_is_refused(template):
    with pytest.raises(TemplateError):
        compiled(template)


def test_names_are_passed_over_up_to_the_first_word_that_begins_with_a_digit():
    template = compiled("closed <:names><network.transport:int> <rule.name>")

    assert template.fit("closed source rule r1 N/A N/A 6 p1") == {"network.transport": "6", "rule.name": "p1"}
    assert template.fit("closed " + "word " * 9 + "6 p1") is None
