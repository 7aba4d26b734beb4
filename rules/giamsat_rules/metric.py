# SPDX-License-Identifier: Apache-2.0
"""Conditions on readings: which series meet a metric rule, and for how long already."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from giamsat_rules.habit import Habit
from giamsat_rules.language import METRIC_NAME
from giamsat_rules.level import Profile
from giamsat_rules.rule import MetricRule, MetricView
from giamsat_wire.record import Labels, Sample

GAP_NS: Final = 300 * 10**9
"""Two readings further apart than this say nothing about the time between them (Prometheus forgets as fast)."""


HABITS: Final = 64
"""Series of one asset and rule whose habit is learnt; further ones are not judged by it."""

Key: TypeAlias = tuple[str, Labels]
"""A series: its name and labels."""


Place: TypeAlias = tuple[int, int | None]
"""Where a sample stands in its set, and where the one it is divided by; None when it is not divided."""
MISSING: Final = -1
"""The place of a divisor that the set does not hold."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A reading of a series that a rule selects, and that of the series it is divided by."""

    reading: float
    divisor: float | None = None

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

    def take(self, rule: MetricRule, profile: Profile, series: "Series", at_ns: int) -> tuple[Reading, ...]:
        """The series that have met the rule long enough at this reading."""
        gap = not 0 <= at_ns - self.last_ns <= GAP_NS
        before = {} if gap else self.since
        limit, hold_ns = profile.value(rule.limit), profile.value(rule.hold) * 10**9
        now: dict[Key, int] = {}
        held: list[Reading] = []
        for at, value in self._viewed(rule, series, at_ns, gap=gap):
            if not math.isfinite(value) or not rule.comparison.holds(value, limit):
                continue
            key = series.key(at)
            since = now[key] = before.get(key, at_ns)
            if at_ns - since >= hold_ns:
                held.append(Reading(*key, value, since))
        self.since, self.last_ns = now, at_ns
        return tuple(held)

    def _viewed(self, rule: MetricRule, series: "Series", at_ns: int, *, gap: bool) -> Iterable[tuple[int, float]]:
        """What the rule compares of each series it selects, and which of the set's samples that is of."""
        match rule.view:
            case MetricView.LEFT:
                views = [(at, value - at_ns / 10**9) for at, value in series.values(rule)]
            case MetricView.RATE:
                views = self._rates(rule, series, at_ns, gap=gap)
            case MetricView.DEVIATION:
                habits = ((at, self._deviation(series.key(at), value, at_ns)) for at, value in series.values(rule))
                views = [(at, view) for at, view in habits if view is not None]
            case _:
                views = series.values(rule)
        return [(at, abs(view)) for at, view in views] if rule.magnitude else views

    def _rates(self, rule: MetricRule, series: "Series", at_ns: int, *, gap: bool) -> list[tuple[int, float]]:
        selected = [(at, series.key(at), reading) for at, reading in series.readings(rule)]
        before, seconds = {} if gap else self.before, (at_ns - self.last_ns) / 10**9
        self.before = {key: reading for _, key, reading in selected}
        grown = ((at, reading.growth(before[key], seconds)) for at, key, reading in selected if key in before)
        return [(at, view) for at, view in grown if view is not None]

    def _deviation(self, key: Key, value: float, at_ns: int) -> float | None:
        if not math.isfinite(value):
            return None
        habit = self.habits.get(key)
        if habit is None:
            if len(self.habits) >= HABITS:
                return None
            habit = self.habits[key] = Habit()
        return habit.deviation(value, at_ns)


class Layout:
    """Where in an asset's sample sets each rule finds its series: the same from set to set, so looked for once."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._names = [sample.name for sample in samples]
        self._labels = [sample.labels for sample in samples]
        self._places: dict[str, tuple[Place, ...]] = {}

    def fits(self, samples: Sequence[Sample]) -> bool:
        """Whether a set has the same series in the same order."""
        return self._names == [sample.name for sample in samples] and self._labels == [
            sample.labels for sample in samples
        ]

    def places(self, rule: MetricRule) -> tuple[Place, ...]:
        """The series that a rule selects."""
        places = self._places.get(rule.header.name)
        if places is None:
            places = self._places[rule.header.name] = tuple(self._selected(rule))
        return places

    def _selected(self, rule: MetricRule) -> Iterator[Place]:
        divisors = {labels: at for at, labels in enumerate(self._labels) if self._names[at] == rule.per}
        for at, (name, labels) in enumerate(zip(self._names, self._labels, strict=True)):
            if name in rule.metrics and rule.matches({METRIC_NAME: name, **dict(labels)}):
                yield at, None if rule.per is None else divisors.get(labels, MISSING)


class Series:
    """One sample set of an asset, in its layout."""

    def __init__(self, samples: Sequence[Sample], layout: Layout) -> None:
        self._samples = samples
        self._layout = layout

    def key(self, at: int) -> Key:
        """The name and labels of a sample."""
        sample = self._samples[at]
        return sample.name, sample.labels

    def values(self, rule: MetricRule) -> list[tuple[int, float]]:
        """Which samples a rule selects, and the value of each, divided if the rule divides."""
        samples = self._samples
        return [
            (at, samples[at].value if per is None else _ratio(samples[at].value, self._divisor(per)))
            for at, per in self._layout.places(rule)
        ]

    def readings(self, rule: MetricRule) -> list[tuple[int, Selected]]:
        """The same with the two parts of a ratio kept apart."""
        return [
            (at, Selected(self._samples[at].value, None if per is None else self._divisor(per)))
            for at, per in self._layout.places(rule)
        ]

    def _divisor(self, per: int) -> float:
        return 0.0 if per == MISSING else self._samples[per].value


def _ratio(reading: float, divisor: float) -> float:
    return reading / divisor if divisor else math.nan
