# SPDX-License-Identifier: Apache-2.0
"""Sets of numbers as one whole number: what thousands of rules have in common is found in a few steps."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TypeAlias

Bits: TypeAlias = int
"""A set of detections: the bit of each member is 1."""


def union(sets: Iterable[Bits], first: Bits = 0) -> Bits:
    """What one of the sets holds."""
    return reduce(or_, sets, first)


def members(bits: Bits) -> list[int]:
    """The members, least first."""
    found: list[int] = []
    while bits:
        least = bits & -bits
        found.append(least.bit_length() - 1)
        bits ^= least
    return found
