# SPDX-License-Identifier: Apache-2.0
"""A level that judges a rule sets every parameter the rule names."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem
from giamsat_rules.level import LEVELS


def find(book: Book) -> Iterator[Problem]:
    """Every rule that a level could not judge."""
    for rule in book.rules.rules.values():
        for profile in (pack.profile(level) for pack in book.packs for level in LEVELS):
            lacking = profile.lacks(rule) if profile.judges(rule.header.name) else frozenset()
            if lacking:
                name = f"level {profile.level} of {profile.pack}"
                what = f"{rule.header.name} needs {', '.join(sorted(lacking))}, which {name} does not set"
                yield Problem(rule.header.origin, what, f"set it in level-{profile.level}.yml or a level it imports")
