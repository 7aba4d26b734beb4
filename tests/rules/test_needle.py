# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.needle import Needles, text_of
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

    aa, bb, dd = (set(needles.found(text)) for text in ("xaax", "bb", "\ndd"))

    assert [needles.shown(each, 0b11) for each in (aa, bb, dd)] == [[0, 1], [1], []]
    assert [needles.shown(aa | bb, allowed) for allowed in (0b01, 0b00)] == [[0], []]
    assert needles.needs[0] == ()
    assert [dd < need for need in needles.needs[1]] == [True]


def test_values_are_read_in_lower_case_and_apart():
    assert text_of({"a": "Aſ", "b": 1, "c": True, "d": ("Đ", "x"), "e": "E"}, "abcd") == "as\n1\ntrue\nđ\nx"


def test_without_a_literal_nothing_is_looked_for(header):
    assert Needles([Detection(header, LogSource(), bool)], automaton).found("x") == ()
