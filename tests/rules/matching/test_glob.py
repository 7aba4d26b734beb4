# SPDX-License-Identifier: Apache-2.0
import re

from hypothesis import given
from hypothesis import strategies as st
from sigma.types import SigmaCasedString, SigmaString

from giamsat_rules.matching.glob import whole, whole_any, within
from giamsat_rules.matching.pattern import pieces, text_test

patterns = st.text("ab*?", max_size=8)
texts = st.text("ab", max_size=12)


def as_regex(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(character, character) for character in pattern)


def cased(pattern: str) -> SigmaString:
    return SigmaCasedString.from_sigma_string(SigmaString(pattern))


@given(patterns, texts)
def test_a_whole_match_is_what_the_regular_expression_says(pattern, text):
    expected = re.fullmatch(as_regex(pattern), text, re.DOTALL) is not None

    assert text_test(cased(pattern), whole)(text) == expected


@given(patterns, texts)
def test_a_keyword_is_found_where_the_regular_expression_finds_it(pattern, text):
    expected = re.search(as_regex(pattern), text, re.DOTALL) is not None

    assert text_test(cased(pattern), within)(text) == expected


def test_many_stars_against_hostile_text_end_quickly():
    test = text_test(SigmaString("*a" * 200 + "*b"), whole)

    assert not test("a" * 100_000)


@given(st.lists(patterns, min_size=1, max_size=5), texts)
def test_several_patterns_together_find_what_each_alone_finds(several, text):
    together = whole_any(pieces(SigmaString(pattern)) for pattern in several)

    assert together(text) == any(whole(pieces(SigmaString(pattern)))(text) for pattern in several)
