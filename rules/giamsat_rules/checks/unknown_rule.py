# SPDX-License-Identifier: Apache-2.0
"""Levels and cases name rules that exist, and every rule is named by some level."""

from collections.abc import Iterator

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem
from giamsat_rules.level import LEVELS, LevelPack, Setting


def find(book: Book) -> Iterator[Problem]:
    """Every name that means nothing, and every speaking rule that no level mentions."""
    names = {rule.header.name for rule in book.speaking()}
    chains = {pack.name: {step.name for step in _named(pack)} for pack in book.packs}
    for setting in sorted({step for pack in book.packs for step in _named(pack)}, key=lambda each: each.origin):
        if setting.name not in names:
            yield Problem(setting.origin, f"there is no rule {setting.name}", "correct the name or add the rule")
    for cases in book.cases:
        if cases.rule not in names:
            yield Problem(cases.origin, f"there is no rule {cases.rule} for these cases", "rename the file as the rule")
    for rule in book.speaking():
        for pack, mentioned in chains.items():
            if rule.header.name not in mentioned:
                what = f"no level of {pack} mentions {rule.header.name}"
                yield Problem(
                    rule.header.origin, what, "include or exclude it in a level, so that its use is a decision"
                )


def _named(pack: LevelPack) -> Iterator[Setting]:
    """Every step of the pack that names a rule."""
    return (step for level in LEVELS for step in pack.profile(level).chain if step.what != "set")
