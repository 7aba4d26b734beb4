# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.scanners import automaton, fastest

hyper = pytest.importorskip("giamsat_rules.scanners.hyper", reason="Hyperscan is not installed").hyper

words = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=2, max_size=6)


@given(st.lists(words, min_size=1, unique=True), st.text(max_size=60))
def test_it_finds_what_the_automaton_finds(literals, text):
    text += literals[0] + text

    assert set(hyper(literals).found(text)) == set(automaton(literals).found(text))


def test_a_lone_surrogate_ends_nothing():
    assert list(hyper(["ab"]).found("\ud800ab")) == [0]


def test_it_is_chosen_where_it_is_installed():
    assert fastest() is hyper
