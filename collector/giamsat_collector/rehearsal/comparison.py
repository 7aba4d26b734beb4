# SPDX-License-Identifier: Apache-2.0
"""What differs between the rules in force and a candidate. Decides only."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from giamsat_collector.rehearsal.rehearse import Expected, Outcome

Change: TypeAlias = Literal["added", "removed", "changed"]
Excess: TypeAlias = Literal["above", "too_little"]
LEAST_DAYS: Final = 23 / 24
"""What is needed to say how many alerts a day there are: a day, less what may pass before its first frame comes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An alert that one of the two would not have raised, or raised otherwise."""

    change: Change
    before: Expected | None
    after: Expected | None

    @property
    def alert(self) -> Expected:
        """The alert, as the candidate would raise it where it does."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of the two there always is
        return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two outcomes of the same `days` (days and fractions of one) side by side."""

    days: float
    before: Outcome
    after: Outcome

    @property
    def per_day(self) -> float:
        """How many alerts a day the candidate would bring into the queue."""
        return self.after.queued / self.days if self.days else 0.0

    @property
    def per_day_before(self) -> float:
        """How many alerts a day the rules in force bring into it."""
        return self.before.queued / self.days if self.days else 0.0

    @property
    def enough(self) -> bool:
        """Whether it is long enough for what a day brings to mean anything: nights are not like office hours."""
        return self.days >= LEAST_DAYS

    def excess(self, most: int) -> Excess | None:
        """Why the candidate is not known to stay within so many alerts a day; 0 is no limit."""
        if not most:
            return None
        if self.enough:
            return "above" if self.per_day > most else None
        return "above" if self.after.queued > most else "too_little"

    def differences(self) -> Iterator[Difference]:
        """Every alert that differs, by day, rule and asset."""
        before, after = self.before.alerts, self.after.alerts
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key), after.get(key)
            if old is None:
                yield Difference("added", None, new)
            elif new is None:
                yield Difference("removed", old, None)
            elif (old.count, old.severity, old.behind) != (new.count, new.severity, new.behind):
                yield Difference("changed", old, new)

    def by(self, of: Callable[[Expected], str]) -> dict[str, Counter[str]]:
        """How many differ, and how many there are before and after, for each value of `of`."""
        found: dict[str, Counter[str]] = {}
        for name, outcome in (("before", self.before), ("after", self.after)):
            for alert in outcome.alerts.values():
                found.setdefault(of(alert), Counter())[name] += 1
        for difference in self.differences():
            found.setdefault(of(difference.alert), Counter())[difference.change] += 1
        return found
