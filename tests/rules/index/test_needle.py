# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.index import needle
from giamsat_rules.index.needle import LONG, Needles, text_of
from giamsat_rules.rule import Anchor, Detection, LogSource
from giamsat_rules.scanners import automaton


@pytest.fixture
def header(shipped_rules):
    return shipped_rules.rules["account_created"].header


def test_a_literal_shows_detections_and_meets_needs(header):
    def detection(literals, *narrowings):
        sets = tuple(map(frozenset, narrowings))
        return Detection(header, LogSource(), bool, anchor=Anchor(literals=frozenset(literals)), narrowings=sets)

    needles = Needles([detection(["aa"]), detection(["aa", "bb"], ["aa", "bb"], ["cc", "dd"])], automaton)

    aa, bb, dd = (set(needles.found(text, 0b11)) for text in ("xaax", "bb", "\ndd"))

    assert [needles.shown(each, 0b11) for each in (aa, bb, dd)] == [[0, 1], [1], []]
    assert [needles.shown(aa | bb, allowed) for allowed in (0b01, 0b00)] == [[0], []]
    assert needles.needs[0] == ()
    assert [dd < need for need in needles.needs[1]] == [True]


def test_in_a_long_text_only_what_the_allowed_may_ask_for_is_looked_for(header):
    def detection(category, *literals):
        return Detection(header, LogSource(category=category), bool, anchor=Anchor(literals=frozenset(literals)))

    asking = [detection(category, *(f"{category}{n}" for n in range(20))) for category in ("dns", "web")]
    needles = Needles([*asking, detection("host", "shared", "rare"), detection("dns", "shared")], automaton)
    text = "dns1 web2 shared rare"

    short = {allowed: needles.shown(needles.found(text, allowed), allowed) for allowed in range(16)}
    long = {allowed: needles.shown(needles.found(text + " " * LONG, allowed), allowed) for allowed in range(16)}

    assert {allowed: set(each) for allowed, each in long.items()} == {a: set(each) for a, each in short.items()}
    assert [len(needles.found(text + " " * LONG, allowed)) for allowed in (0, 1, 2, 4, 8, 15)] == [0, 1, 1, 2, 2, 4]


def test_detections_told_by_one_word_have_their_literals_looked_for_by_themselves(header, monkeypatch):
    monkeypatch.setattr(needle, "WORTH", 3)

    def detection(word, *literals):
        anchor = Anchor(literals=frozenset(literals))
        return Detection(header, LogSource(category="web"), bool, anchor=anchor, told=frozenset({word}))

    asking = [detection(word, *(f"{word}{n}" for n in range(4))) for word in ("nc", "sh")]
    needles = Needles([*asking, detection("sh", "shared"), detection("nc", "shared")], automaton)
    text = "nc1 sh2 shared" + " " * LONG

    found = {allowed: needles.found(text, allowed) for allowed in range(16)}

    assert [len(found[allowed]) for allowed in (0b0001, 0b0010, 0b0110, 0b1001, 0b0011)] == [2, 2, 2, 2, 3]
    for allowed, those in found.items():
        assert set(needles.shown(those, allowed)) == set(needles.shown(needles._all(text), allowed))
        assert set(needles.shown_by_many(frozenset(those), allowed)) == set(needles.shown(those, allowed))


def test_values_are_read_in_lower_case_and_apart():
    assert text_of({"a": "Aſ", "b": 1, "c": True, "d": ("Đ", "x"), "e": "E"}, "abcd") == "as\n1\ntrue\nđ\nx"


def test_without_a_literal_nothing_is_looked_for(header):
    assert Needles([Detection(header, LogSource(), bool)], automaton).found("x", 1) == ()
