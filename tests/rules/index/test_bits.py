# SPDX-License-Identifier: Apache-2.0
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules.index.bits import members, union

NUMBERS = st.lists(st.integers(0, 5_000), max_size=20)


@given(NUMBERS, NUMBERS)
def test_a_set_has_the_members_of_those_it_is_made_of(one, two):
    first, second = (union(1 << number for number in numbers) for numbers in (one, two))

    assert members(union([first], second)) == sorted({*one, *two})
