# SPDX-License-Identifier: Apache-2.0
"""Conditions on readings: which series meet a metric rule, and for how long already."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_rules.habit import Habit
from giamsat_rules.language import METRIC_NAME
from giamsat_rules.level import Profile
from giamsat_rules.rule import MetricRule, MetricView
from giamsat_wire.record import Labels, SampleSet

GAP_NS: Final = 300 * 10**9
"""Two readings further apart than this say nothing about the time between them (Prometheus forgets as fast)."""


HABITS: Final = 64
"""Series of one asset and rule whose habit is learnt; further ones are not judged by it."""

Key: TypeAlias = tuple[str, Labels]
"""A series: its name and labels."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A series that a rule selects: its reading, and that of the series it is divided by."""

    key: Key
    reading: float
    divisor: float | None = None

    @property
    def value(self) -> float:
        """The reading, divided; not a number when it is divided by nothing."""
        if self.divisor is None:
            return self.reading
        return self.reading / self.divisor if self.divisor else math.nan

    def growth(self, earlier: "Selected", seconds: float) -> float | None:
        """What it grew by per second, or by what it grew per growth of its divisor; None after a counter began anew."""
        grown = self.reading - earlier.reading
        by = seconds if self.divisor is None or earlier.divisor is None else self.divisor - earlier.divisor
        return grown / by if grown >= 0 and by > 0 else None


@dataclass(frozen=True, slots=True)
class Reading:
    """A series that meets a rule, and since when its readings have."""

    name: str
    labels: Labels
    value: float
    since_ns: int


@dataclass(slots=True)
class Holding:
    """The series of one asset that meet one rule now, and what rates and habits need of the readings before."""

    since: dict[Key, int] = field(default_factory=dict)
    last_ns: int = 0
    before: dict[Key, Selected] = field(default_factory=dict)
    habits: dict[Key, Habit] = field(default_factory=dict)

    def take(self, rule: MetricRule, profile: Profile, samples: "Series", at_ns: int) -> tuple[Reading, ...]:
        """The series that have met the rule long enough at this reading."""
        gap = not 0 <= at_ns - self.last_ns <= GAP_NS
        before = {} if gap else self.since
        limit, hold_ns = profile.value(rule.limit), profile.value(rule.hold) * 10**9
        now: dict[Key, int] = {}
        held: list[Reading] = []
        for selected in self._viewed(rule, samples, at_ns, gap=gap):
            value = selected.value
            if not math.isfinite(value) or not rule.comparison.holds(value, limit):
                continue
            since = now[selected.key] = before.get(selected.key, at_ns)
            if at_ns - since >= hold_ns:
                held.append(Reading(*selected.key, value, since))
        self.since, self.last_ns = now, at_ns
        return tuple(held)

    def _viewed(self, rule: MetricRule, samples: "Series", at_ns: int, *, gap: bool) -> Iterator[Selected]:
        """What the rule compares of each series it selects."""
        selected = tuple(samples.matching(rule))
        seconds = (at_ns - self.last_ns) / 10**9
        for each in selected:
            view: float | None = each.value
            if rule.view is MetricView.RATE:
                earlier = None if gap else self.before.get(each.key)
                view = each.growth(earlier, seconds) if earlier else None
            elif rule.view is MetricView.DEVIATION and math.isfinite(each.value):
                view = self._deviation(each, at_ns)
            elif rule.view is MetricView.LEFT:
                view = each.value - at_ns / 10**9
            if view is not None:
                yield Selected(each.key, abs(view) if rule.magnitude else view)
        if rule.view is MetricView.RATE:
            self.before = {each.key: each for each in selected}

    def _deviation(self, selected: Selected, at_ns: int) -> float | None:
        habit = self.habits.get(selected.key)
        if habit is None:
            if len(self.habits) >= HABITS:
                return None
            habit = self.habits[selected.key] = Habit()
        return habit.deviation(selected.value, at_ns)


class Series:
    """One sample set by metric name."""

    def __init__(self, samples: SampleSet) -> None:
        self._by_name: dict[str, dict[Labels, float]] = {}
        for sample in samples.samples:
            self._by_name.setdefault(sample.name, {})[sample.labels] = sample.value

    def holds(self, rule: MetricRule) -> bool:
        """Whether there is a series of a metric that the rule looks at."""
        return not self._by_name.keys().isdisjoint(rule.metrics)

    def matching(self, rule: MetricRule) -> Iterator[Selected]:
        """Each series the rule selects, beside its counterpart if the rule divides."""
        divisors: Mapping[Labels, float] = self._by_name.get(rule.per, {}) if rule.per else {}
        for name in rule.metrics:
            for labels, reading in self._by_name.get(name, {}).items():
                if rule.matches({METRIC_NAME: name, **dict(labels)}):
                    yield Selected((name, labels), reading, divisors.get(labels, 0.0) if rule.per else None)
