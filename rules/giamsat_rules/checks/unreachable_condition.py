# SPDX-License-Identifier: Apache-2.0
"""With what a level sets, the condition of every correlation can be met."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem
from giamsat_rules.level import LEVELS
from giamsat_rules.rule import Correlation
from giamsat_rules.satisfiability import unreachable


def find(book: Book) -> Iterator[Problem]:
    """Every correlation that can never hold at a level."""
    for rule in book.rules.rules.values():
        for profile in (pack.profile(level) for pack in book.packs for level in LEVELS):
            if not isinstance(rule, Correlation) or profile.lacks(rule):
                continue
            why = unreachable(rule, profile.value)
            if why is not None:
                what = f"{rule.header.name} can never hold at level {profile.level} of {profile.pack}: {why}"
                yield Problem(rule.header.origin, what, f"correct what level-{profile.level}.yml sets")
