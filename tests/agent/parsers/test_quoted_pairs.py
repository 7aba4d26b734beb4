# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.quoted_pairs import values


def test_each_pair_stands_in_quotes_and_may_hold_commas():
    assert values('"date=2026-11-23","msg=Edit, then save","n="') == {
        "date": "2026-11-23", "msg": "Edit, then save", "n": "",
    }  # fmt: skip


def test_quotes_of_a_value_are_doubled_and_left_out():
    assert values('"a=1","devname=""FG""","b=x ""y"" z"') == {"a": "1", "devname": "FG", "b": 'x "y" z'}


def test_of_a_name_that_comes_twice_the_first_counts():
    assert values('"a=1","b=2","c=3","a=4"') == {"a": "1", "b": "2", "c": "3"}


@pytest.mark.parametrize(
    "text", ['"a sentence", he said, "a=b"', '"a=1","b=2"', '"a=1","b=2","c"', 'a=1,"b=2","c=3"', '"', ""]
)
def test_anything_else_is_none(text):
    assert values(text) is None
