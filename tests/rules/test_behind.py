# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.behind import Behind, standing
from giamsat_rules.owner import Owner

NAMES = "abcdef"


def test_what_stands_behind_another_stands_also_behind_what_stands_for_that_one():
    said = {"a": Behind(("b",), Owner.UNIT), "b": Behind(("c",)), "c": Behind(), "d": Behind(("unheard-of",))}

    assert standing(said) == {
        "a": Behind(("b", "c"), Owner.UNIT),
        "b": Behind(("c",)),
        "d": Behind(("unheard-of",)),
    }


def test_what_would_stand_behind_itself_stands_behind_none():
    assert standing({"a": Behind(("b",)), "b": Behind(("a",)), "c": Behind(("a",))}) == {"c": Behind(("a", "b"))}


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES)).map(lambda to: Behind(tuple(to)))))
def test_whatever_is_said_of_two_alerts_one_is_always_seen(said):
    found = standing(said)

    for name, its in found.items():
        assert name not in its.rules
        for other in its.rules:
            assert name not in found.get(other, Behind()).rules
            assert len(found.get(other, Behind()).rules) < len(its.rules), "the stronger come first"
