# SPDX-License-Identifier: Apache-2.0
"""The contract of a check: what a rule set must not contain, and where it does.

A check sees the whole `Book`, because most faults lie between files: a rule, its cases and the pack. It is a pure
function; `checks.ALL` lists every one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from giamsat_rules.case import CaseFile
from giamsat_rules.errors import Problem
from giamsat_rules.level import LevelPack
from giamsat_rules.override import Override
from giamsat_rules.rule import Correlation, Detection, Rule, RuleSet


@dataclass(frozen=True, slots=True)
class Book:
    """Rules, their cases and level packs, as they are on the day `today`; cases are of `pack`, the default one."""

    rules: RuleSet
    cases: tuple[CaseFile, ...]
    pack: LevelPack
    today: date
    others: tuple[LevelPack, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def packs(self) -> tuple[LevelPack, ...]:
        """Every pack."""
        return (self.pack, *self.others)

    def speaking(self) -> Iterator[Rule]:
        """The rules that raise something themselves."""
        for rule in self.rules.rules.values():
            if not (isinstance(rule, Detection | Correlation) and rule.silent):
                yield rule

    def own(self) -> Iterator[Rule]:
        """Those of them that were written for this product."""
        return (rule for rule in self.speaking() if rule.header.own)

    def cases_of(self, rule: Rule) -> CaseFile | None:
        """The rule's cases."""
        return next((cases for cases in self.cases if cases.rule == rule.header.name), None)


Check: TypeAlias = Callable[[Book], Iterator[Problem]]
"""Finds one thing that is forbidden."""


def found(book: Book, checks: Iterable[Check]) -> tuple[Problem, ...]:
    """Everything the checks find, in the order of the checks."""
    return tuple(problem for check in checks for problem in check(book))
