# SPDX-License-Identifier: Apache-2.0
"""A higher level is never judged by a weaker number unless somebody signed for it."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from giamsat_rules.check import Book
from giamsat_rules.errors import Problem
from giamsat_rules.level import LEVELS, Declared, LevelPack, Profile


def find(book: Book) -> Iterator[Problem]:
    """Every parameter that gets weaker from one level to the next, without an exemption that still holds."""
    for pack in book.packs:
        yield from _weakened(pack, book.today)


def _weakened(pack: LevelPack, today: date) -> Iterator[Problem]:
    for lower, higher in pairwise(map(pack.profile, LEVELS)):
        for name, declared in pack.declared.items():
            if _weaker(declared, lower, higher) and not _exempt(pack, name, higher.level, today):
                setting = next(each for each in reversed(higher.chain) if each.what == "set" and each.name == name)
                what = (
                    f"{name} weakens from {lower.values[name]:g} at level {lower.level} "
                    f"to {higher.values[name]:g} at level {higher.level} of {pack.name}"
                )
                remedy = "make it at least as strict, or add a signed exemption to catalogue.yml"
                yield Problem(setting.origin, what, remedy)


def _weaker(declared: Declared, lower: Profile, higher: Profile) -> bool:
    before, after = lower.values.get(declared.name), higher.values.get(declared.name)
    if before is None or after is None:
        return False
    return after > before if declared.stricter == "lower" else after < before


def _exempt(pack: LevelPack, name: str, level: int, today: date) -> bool:
    return any(
        each.parameter == name and each.level == level and each.expires >= today.isoformat() for each in pack.exemptions
    )
