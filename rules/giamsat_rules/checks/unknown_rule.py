# SPDX-License-Identifier: Apache-2.0
"""Levels and cases name rules that exist, and every rule is named by some level."""

from collections.abc import Iterator

from giamsat_rules.check import Book, Check
from giamsat_rules.errors import Problem
from giamsat_rules.level import LEVELS


def find(book: Book) -> Iterator[Problem]:
    """Every name that means nothing, and every speaking rule that no level mentions."""
    names = {rule.header.name for rule in book.speaking()}
    chain = {setting for level in LEVELS for setting in book.pack.profile(level).chain if setting.what != "set"}
    for setting in sorted(chain, key=lambda each: each.origin):
        if setting.name not in names:
            yield Problem(setting.origin, f"there is no rule {setting.name}", "correct the name or add the rule")
    for cases in book.cases:
        if cases.rule not in names:
            yield Problem(cases.origin, f"there is no rule {cases.rule} for these cases", "rename the file as the rule")
    for rule in book.speaking():
        if rule.header.name not in {setting.name for setting in chain}:
            what = f"no level of {book.pack.name} mentions {rule.header.name}"
            yield Problem(rule.header.origin, what, "include or exclude it in a level, so that its use is a decision")


CHECK = Check("a name of a rule that does not exist, or a rule no level names", find)
