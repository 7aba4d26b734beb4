# SPDX-License-Identifier: Apache-2.0
import pytest
from sigma.types import SigmaCasedString, SigmaRegularExpression, SigmaString

from giamsat_rules.errors import UnsupportedError
from giamsat_rules.matching.glob import whole
from giamsat_rules.matching.pattern import LONG, POLICY, folded, pieces, regex_test, text_test, texts


def test_case_counts_only_where_it_is_said_to():
    assert text_test(SigmaString("A*"), whole)("abc")
    assert not text_test(SigmaCasedString.from_sigma_string(SigmaString("A*")), whole)("abc")


@pytest.mark.parametrize("text", ["ABC", "ẶĐ" * LONG])
def test_a_long_text_is_lowered_as_a_short_one(text):
    assert folded(text) == folded(text) == text.lower()


def test_every_value_of_an_event_is_text():
    assert list(texts({"a": 1, "b": True, "c": ("x", "y"), "d": "z"})) == ["1", "true", "x", "y", "z"]


@pytest.mark.parametrize("expression", [r"(?=a)b", r"(a)\1", "(?<!x)y", "a{5000}"])
def test_what_re2_cannot_do_is_refused_with_its_reason(expression):
    with pytest.raises(UnsupportedError, match="RE2 says"):
        regex_test(Unchecked(expression))


class Unchecked(SigmaRegularExpression):
    """An expression nobody looked at before."""

    def compile(self):
        """Not yet."""


def test_an_expression_that_would_explode_elsewhere_ends_with_the_text():
    test = regex_test(SigmaRegularExpression("(a+)+$", policy=POLICY))

    assert not test("a" * 100_000 + "!")


def test_a_pattern_is_bounded():
    with pytest.raises(UnsupportedError, match="longer than"):
        pieces(SigmaString("x" * 5_000))
