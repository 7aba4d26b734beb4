# SPDX-License-Identifier: Apache-2.0
"""What people have agreed to hide for a while: maintenance, a scanner of one's own. Counted, and it ends by itself.

A suppression is a Sigma filter that is put in force while everything runs. Beside the fields of an event it may ask
for `giamsat.asset`, `giamsat.unit` and `giamsat.system`, which no host can say of itself. What is hidden from a rule
does not count for the correlations built on it; what is hidden from a correlation alone counts for all others.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from giamsat_rules.rule import Fields, Predicate
from giamsat_rules.verdict import Subject

ASSET: Final = "giamsat.asset"
UNIT: Final = "giamsat.unit"
SYSTEM: Final = "giamsat.system"
TWO_PERSONS: Final = 4
"""From this level on nothing is hidden before a second person agrees; unclassified counts as the highest."""

Holds = Callable[[str, Predicate, Fields], bool | None]
"""Asks a predicate under a name; None when that name is disabled, because asking it failed before."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """One of them. `matches` is what an event must meet to be judged all the same, as in a Sigma filter.

    `rules` are the names it hides from, None for all. It applies to what happened from `since_ns` on and before
    `until_ns`. `agreed_ns` is when a second person said yes, None as long as nobody has.
    """

    number: int
    rules: frozenset[str] | None
    matches: Predicate
    since_ns: int
    until_ns: int
    agreed_ns: int | None

    def reaches(self, rule: str, level: int | None, at_ns: int) -> bool:
        """Whether it may hide something from a rule that happened on an asset of this level."""
        return (
            self.since_ns <= at_ns < self.until_ns
            and (self.rules is None or rule in self.rules)
            and (self._agreed(at_ns) or (level is not None and level < TWO_PERSONS))
        )

    def _agreed(self, at_ns: int) -> bool:
        return self.agreed_ns is not None and self.agreed_ns <= at_ns


class Hidden(NamedTuple):
    """What was hidden by which suppression, from which rule, of which unit (empty: nobody registered the asset)."""

    number: int
    rule: str
    unit: str


@dataclass(slots=True)
class Suppressions:
    """All that are in force, and how often each has hidden something since it was last asked."""

    every: tuple[Suppression, ...] = ()
    hidden: Counter[Hidden] = field(default_factory=Counter)

    def hiding(self, rule: str, subject: Subject, fields: Fields, at_ns: int, holds: Holds) -> Hidden | None:
        """What would be counted if this is kept from the rule; None when it is not."""
        for each in self.every:
            if each.reaches(rule, subject.level, at_ns):
                name, seen = f"suppression {each.number}", _seen(subject, fields)
                if holds(name, each.matches, seen) is False:
                    return Hidden(each.number, rule, subject.unit or "")
        return None

    def taken(self) -> Counter[Hidden]:
        """What was hidden since the last time; it begins anew."""
        taken, self.hidden = self.hidden, Counter()
        return taken


def _seen(subject: Subject, fields: Fields) -> Fields:
    """The fields, with where the asset stands in place of whatever a host may have said under those names."""
    return {**fields, ASSET: subject.asset, UNIT: subject.unit or "", SYSTEM: subject.system or ""}
