# SPDX-License-Identifier: Apache-2.0
"""What changes for a system with its level, or its level pack: obligations, rules, values, how long records stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from giamsat_rules.level import LevelPack
from giamsat_rules.obligation import Obligation, retention_days
from giamsat_rules.rule import RuleSet


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter that two levels set differently; None where a level does not set it."""

    name: str
    unit: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Demand:
    """What a system is held to: a level of a pack, and what that pack's obligations are."""

    pack: LevelPack
    obligations: Sequence[Obligation]
    level: int

    @property
    def owed(self) -> dict[str, Obligation]:
        """The obligations of the level by their id."""
        return {one.id: one for one in self.obligations if self.level in one.clauses}

    def days(self, one: Obligation) -> int | None:
        """Over how many days an obligation is looked at; None when time does not matter to it."""
        return one.days.get(self.level)


@dataclass(frozen=True, slots=True)
class Timed:
    """An obligation that goes on with another number of days."""

    obligation: Obligation
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Reclassified:
    """The step from one level, or one pack, to another."""

    before: Demand
    after: Demand
    owed: tuple[Obligation, ...]
    released: tuple[Obligation, ...]
    timed: tuple[Timed, ...]
    rules_added: tuple[str, ...]
    rules_removed: tuple[str, ...]
    values: tuple[Value, ...]
    kept_before: int
    kept_after: int


def reclassified(rules: RuleSet, before: Demand, after: Demand) -> Reclassified:
    """What differs between two levels, of one pack or of two; `kept_…` are days, 0 where a level owes none."""
    old, new = before.pack.profile(before.level), after.pack.profile(after.level)
    was, will = before.owed, after.owed
    declared = {**before.pack.declared, **after.pack.declared}
    return Reclassified(
        before=before,
        after=after,
        owed=tuple(one for name, one in will.items() if name not in was),
        released=tuple(one for name, one in was.items() if name not in will),
        timed=tuple(
            Timed(one, before.days(was[name]), after.days(one))
            for name, one in will.items()
            if name in was and before.days(was[name]) != after.days(one)
        ),
        rules_added=tuple(name for name in sorted(rules.rules) if new.judges(name) and not old.judges(name)),
        rules_removed=tuple(name for name in sorted(rules.rules) if old.judges(name) and not new.judges(name)),
        values=tuple(
            Value(name, declared[name].unit, old.values.get(name), new.values.get(name))
            for name in sorted(old.values.keys() | new.values.keys())
            if old.values.get(name) != new.values.get(name)
        ),
        kept_before=retention_days(before.obligations).get(before.level, 0),
        kept_after=retention_days(after.obligations).get(after.level, 0),
    )
