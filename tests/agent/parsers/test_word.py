# SPDX-License-Identifier: Apache-2.0
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.parsers.word import begun

WORDS = ("from", "src", "source", r"den(?:y|ied)")
BEGUN = re.compile(f"(?:{begun(*WORDS)})")
PLAIN = re.compile(rf"(?<!\w)(?:{'|'.join(WORDS)})")


@given(
    text=st.lists(st.sampled_from(["from", "src", "denied", "deny", "x", "é", "_", " ", ":", "-", "fro"])).map("".join)
)
def test_it_finds_what_begins_at_a_word_and_nothing_else(text):
    assert [each.span() for each in BEGUN.finditer(text)] == [each.span() for each in PLAIN.finditer(text)]


@pytest.mark.parametrize(("text", "found"), [("/GET /", False), ("xGET /", False), (" GET /", True), ("GET /", True)])
def test_what_may_not_stand_before_is_said(text, found):
    assert (re.search(begun("GET", before=r"\w/"), text) is not None) is found
