# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.matching.pattern import compiled
from giamsat_rules.matching.required import MOST, required

SIGNS = st.sampled_from(
    ["a", "B", "k", "s", "/", "-", "đ", r"\.", r"\d", r"\w", r"\x41", ".", "[ab]", "[^]x]", r"\b", "^"]
)
PATTERNS = st.recursive(
    SIGNS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: f"(?:{'|'.join(some)})"),
        inner.map(lambda each: f"({each})"),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "+?"])),
    ),
    max_leaves=8,
)
TEXTS = st.text(st.sampled_from("aAbBkKsSſK/-.đĐ1_ x]\n"), max_size=12)


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("curl", {"curl"}),
        ("(?i)CURL", {"curl"}),
        (r"/dev/(tcp|udp)/\d+", {"/dev/tcp/", "/dev/udp/"}),
        (r"^(?:/usr)?/bin/nc\s", {"/bin/nc", "/usr/bin/nc"}),
        (r"base64\s+(-d|--decode)", {"base64"}),
        (r"\b(wget|curl)\b.{1,80}\|\s*(ba)?sh", {"curl", "wget"}),
        (r"(?P<what>authorized_keys2?)$", {"authorized_keys", "authorized_keys2"}),
        (r"(abc)+", {"abc"}),
        (r"x{3}y", None),
        (r"[[:alpha:]]passwd", {"passwd"}),
        (r"[]a]passwd", {"passwd"}),
        (r"\x41\x{42}passwd", {"passwd"}),
        (r"\p{L}\pLpasswd", {"passwd"}),
        ("a{,3}b", {"a{,3}b"}),
        ("mậtpasswd", {"tpasswd"}),
        ("passwd|.*", None),
        ("(?:passwd)?", None),
        (".*", None),
        ("", None),
        (r"\Qpasswd\E", None),
        (r"\101passwd", None),
        ("(" * 100 + "passwd" + ")" * 100, None),
        ("|".join(f"word{number}" for number in range(MOST + 1)), None),
    ],
)
def test_what_a_match_must_hold(pattern, texts):
    assert required(pattern) == (texts and frozenset(texts))


@given(pattern=PATTERNS, text=TEXTS, flags=st.sampled_from(["", "(?i)", "(?s)"]))
def test_no_match_is_without_it(pattern, text, flags):
    texts = required(flags + pattern)
    if texts is not None and compiled(flags + pattern).search(text):
        held = text.lower().replace("ſ", "s")
        assert any(each in held for each in texts)


@given(st.text(st.sampled_from(r"ab()[]{}|*+?\^$.,:-<>P=!0123\QExp"), max_size=20))
def test_any_text_is_read_or_given_up(pattern):
    texts = required(pattern)

    assert texts is None or all(len(each) >= 2 for each in texts)
