# SPDX-License-Identifier: Apache-2.0
import contextlib

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.preconditions import SHOWN, must_be_a_second, must_be_known


def test_a_known_name_passes():
    must_be_known("VD-001", {"VD-001"}, "system", "look")


def test_an_unknown_one_is_answered_with_the_nearest_and_where_the_names_are():
    with pytest.raises(RefusedError, match=r"^no such system: VD-01; did you mean VD-001\? 'list' shows them$"):
        must_be_known("VD-01", {"VD-001", "HT-9"}, "system", "'list' shows them")


def test_one_like_no_other_is_cut_and_sent_to_the_list():
    with pytest.raises(RefusedError, match=rf"^no such unit: {'x' * SHOWN}; look$"):
        must_be_known("x" * 9_000, {"40.412"}, "unit", "look")


def test_of_names_alike_the_one_that_begins_so_is_meant():
    with pytest.raises(RefusedError, match=r"did you mean 40\.412\?"):
        must_be_known("40.41", {"40.431", "40.412", "40.441"}, "unit", "look")


@pytest.mark.parametrize(
    ("person", "first", "why"),
    [
        ("bình", "an", None),
        ("an", "AN", "^an did it; a second person has to agree$"),
        ("bình", "uid 1000", "^nobody knows which person did it: uid 1000; again$"),
    ],
)
def test_who_agrees_is_another_person_than_the_one_who_began(person, first, why):
    with contextlib.nullcontext() if why is None else pytest.raises(RefusedError, match=why):
        must_be_a_second(person, first, "did it", "again")
