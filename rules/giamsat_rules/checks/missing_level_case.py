# SPDX-License-Identifier: Apache-2.0
"""Where a rule's numbers differ between levels, each level's boundary has a case on both sides."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem
from giamsat_rules.level import LEVELS
from giamsat_rules.rule import Rule
from giamsat_rules.verdict_builder import thresholds


def find(book: Book) -> Iterator[Problem]:
    """Every rule with levels that no case fires at, or that no near miss stops at."""
    for rule in book.speaking():
        levels = _differing(book, rule)
        cases = book.cases_of(rule)
        for section, given in (("fires", cases.fires), ("near_misses", cases.near_misses)) if cases else ():
            missing = sorted(levels - {case.level for case in given})
            if missing:
                what = f"{section} of {rule.header.name} has no case for level {', '.join(map(str, missing))}"
                yield Problem(cases.origin if cases else rule.header.origin, what, "add one with `level:`")


def _differing(book: Book, rule: Rule) -> set[int]:
    """The levels that judge the rule, when they do not all judge it by the same numbers."""
    profiles = [book.pack.profile(level) for level in LEVELS]
    judging = [each for each in profiles if each.judges(rule.header.name) and not each.lacks(rule)]
    numbers = {tuple(sorted(thresholds(rule, each).items())) for each in judging}
    return {each.level for each in judging} if len(numbers) > 1 else set()
