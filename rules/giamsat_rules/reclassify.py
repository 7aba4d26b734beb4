# SPDX-License-Identifier: Apache-2.0
"""What changes for a system when its protection level does: obligations, rules, values, how long records are kept."""

from collections.abc import Iterable
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
class Reclassified:
    """The step from one level to another. `timed` are obligations that go on with another number of days."""

    before: int
    after: int
    owed: tuple[Obligation, ...]
    released: tuple[Obligation, ...]
    timed: tuple[Obligation, ...]
    rules_added: tuple[str, ...]
    rules_removed: tuple[str, ...]
    values: tuple[Value, ...]
    kept_before: int
    kept_after: int


def reclassified(
    rules: RuleSet, pack: LevelPack, obligations: Iterable[Obligation], before: int, after: int
) -> Reclassified:
    """What differs between two levels of a pack; `kept_…` are days, 0 where a level owes none."""
    every = tuple(obligations)
    old, new, kept = pack.profile(before), pack.profile(after), retention_days(every)
    names = sorted(old.values.keys() | new.values.keys())
    return Reclassified(
        before=before,
        after=after,
        owed=tuple(one for one in every if after in one.clauses and before not in one.clauses),
        released=tuple(one for one in every if before in one.clauses and after not in one.clauses),
        timed=tuple(
            one
            for one in every
            if before in one.clauses and after in one.clauses and one.days.get(before) != one.days.get(after)
        ),
        rules_added=tuple(name for name in sorted(rules.rules) if new.judges(name) and not old.judges(name)),
        rules_removed=tuple(name for name in sorted(rules.rules) if old.judges(name) and not new.judges(name)),
        values=tuple(
            Value(name, pack.declared[name].unit, old.values.get(name), new.values.get(name))
            for name in names
            if old.values.get(name) != new.values.get(name)
        ),
        kept_before=kept.get(before, 0),
        kept_after=kept.get(after, 0),
    )
