# SPDX-License-Identifier: Apache-2.0
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.parsers.columns import split
from giamsat_agent.parsers.parsed_line import VALUES_MOST

VALUES = st.lists(
    st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=("Cs",))), min_size=1, max_size=9
)


@given(values=VALUES)
def test_quoted_values_are_read_back(values):
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="").writerow(values)

    assert split(line.getvalue()) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a,b,,c", ["a", "b", "", "c"]),
        ('1,"a, ""b""",2', ["1", 'a, "b"', "2"]),
        ('1,"never closed', ["1", "never closed"]),
        ("", [""]),
    ],
)
def test_a_line_is_split_as_it_is_written(text, values):
    assert split(text) == values


def test_the_number_of_values_is_bounded():
    assert len(split("," * 1000)) == len(split('"a",' * 1000)) == VALUES_MOST


@given(values=st.lists(st.text(st.sampled_from('ab,"'), max_size=6), min_size=1, max_size=9))
def test_values_of_which_some_are_quoted_are_read_back(values):
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)

    assert split(line.getvalue()) == values


@given(text=st.text(st.sampled_from('ab ,"\t'), max_size=40), most=st.integers(1, 8))
def test_the_first_values_are_the_same_whatever_follows(text, most):
    assert split(text, most) == split(text)[:most]
