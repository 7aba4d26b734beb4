# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.condition import condition


@pytest.mark.parametrize(
    ("wanted", "value", "holds"),
    [
        ("a", "A", True), ("a*", "abc", True), ("*c", "abc", True), ("*b*", "abc", True), ("*", "x", True),
        ("*", "", False), ("", "", True), ("", "x", False), ("a", "ab", False),
        ("a*b*c", "axxbyyc", True), ("a*b*c", "axxcyyb", False), ("a*a", "a", False), ("*a*b", "ab", True),
    ],
)  # fmt: skip
def test_a_condition_compares_without_case_and_knows_stars(wanted, value, holds):
    assert condition({"x": wanted})({"x": value}) is holds


def test_all_that_is_wanted_must_hold_and_what_is_missing_is_empty():
    holds = condition({"a": ["1", "2"], "b": ""})

    assert holds({"a": "2"})
    assert not holds({"a": "3"})
    assert not holds({"a": "2", "b": "x"})
