# SPDX-License-Identifier: Apache-2.0
"""The contract of what measures: which profile a subject is judged by at a moment.

One level pack is one, by the level alone; `standards` is that of a province, where each system has a pack of its own.
"""

from collections.abc import Iterable
from typing import Protocol

from giamsat_rules.level import Profile
from giamsat_rules.rule import Quantity
from giamsat_rules.verdict import Subject


class ProfileLookup(Protocol):
    """Says by which profile to judge."""

    def profile_of(self, subject: Subject, at_ns: int) -> Profile:
        """The profile of a subject for what happened at `at_ns` (UNIX nanoseconds)."""
        ...

    def every(self) -> Iterable[Profile]:
        """The profile of each level of each pack."""
        ...

    def most(self, wanted: Quantity) -> float:
        """The largest number a quantity stands for in any profile; 0 when none sets it."""
        ...
