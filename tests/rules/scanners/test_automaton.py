# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.scanners import automaton

words = st.text("abc", min_size=1, max_size=4)


@given(st.lists(words, min_size=1, unique=True), st.text("abcđ\n", max_size=60))
def test_exactly_the_literals_that_stand_in_the_text_are_found(literals, text):
    found = automaton(literals).found(text)

    assert sorted(set(found)) == [number for number, literal in enumerate(literals) if literal in text]
