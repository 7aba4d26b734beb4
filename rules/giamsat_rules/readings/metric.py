# SPDX-License-Identifier: Apache-2.0
"""Conditions on readings: which series meet a metric rule, and for how long already."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeAlias

from giamsat_rules.language.sigma import METRIC_NAME
from giamsat_rules.level import Profile
from giamsat_rules.readings.baseline import LEARNT_NS, Baseline
from giamsat_rules.rule import Fields, MetricRule, MetricView, Quantity
from giamsat_wire.record import Labels
from giamsat_wire.record import Series as Key

GAP_NS: Final = 300 * 10**9
"""Two readings further apart than this say nothing about the time between them (Prometheus forgets as fast)."""


HABITS: Final = 64
"""Series of one asset and rule whose habit is learnt; further ones are not judged by it."""

KEPT: Final = 1_000
"""Series of one asset that go on to meet one rule although they no longer do; the longest past gives way."""


class Array(Protocol):
    """Numbers that cost little to keep, until somebody looks at them."""

    def tolist(self) -> list[float]:
        """They as numbers of Python."""
        ...


Numbers: TypeAlias = Sequence[float] | Array
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


class Reading(NamedTuple):
    """A series that meets a rule, and since when its readings have."""

    name: str
    labels: Labels
    value: float
    since_ns: int

    @property
    def evidence(self) -> Fields:
        """It as fields of an event."""
        return {"metric.name": self.name, "metric.value": self.value, **{f"labels.{k}": v for k, v in self.labels}}


@dataclass(slots=True)
class Holding:
    """The series of one asset that meet one rule now, their habits, and which met it when, while they are kept."""

    since: dict[Key, int] = field(default_factory=dict)
    last_ns: int | None = None
    habits: dict[Key, Baseline] = field(default_factory=dict)
    kept: dict[Key, tuple[int, Reading]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether a new one would do as well."""
        return not self.since and not self.habits and not self.kept

    def take(
        self, rule: MetricRule, profile: Profile, series: "Series", at_ns: int, earlier: "Earlier | None" = None
    ) -> tuple[Reading, ...] | None:
        """The series that have met the rule long enough at this reading; `earlier` is the one before it.

        None where that one is needed and is not there: then nothing has begun, and nothing is over.
        """
        if rule.view is MetricView.RATE and earlier is None:
            return None
        gap = self.last_ns is not None and not 0 <= at_ns - self.last_ns <= GAP_NS
        before = {} if gap else self.since
        limit, hold_ns = profile.value(rule.limit), profile.value(rule.hold) * 10**9
        now: dict[Key, int] = {}
        held: list[Reading] = []
        for at, value in self._viewed(rule, series, at_ns, earlier):
            if not math.isfinite(value) or not rule.comparison.holds(value, limit):
                continue
            key = series.key(at)
            since = now[key] = before.get(key, at_ns)
            if at_ns - since >= hold_ns:
                held.append(Reading(*key, value, since))
        self.since, self.last_ns = now, at_ns
        keep_ns = profile.value(rule.keep) * 10**9 if rule.keep else 0
        return self._keep(held, at_ns, keep_ns) if keep_ns else tuple(held)

    def resume(self, rule: MetricRule, standing: Mapping[Labels, tuple[int, int]]) -> None:
        """After a restart: series with these labels met the rule, and when first and last that was told.

        What readings told since is what counts; where there are none yet, the next one goes on with it.
        """
        for labels, (first_ns, last_ns) in standing.items():
            for metric in rule.metrics:
                if self.last_ns is None or (metric, labels) in self.since:
                    self.since[metric, labels] = min(first_ns, self.since.get((metric, labels), first_ns))
            if rule.keep:
                metric = min(rule.metrics)
                self.kept.setdefault((metric, labels), (last_ns, Reading(metric, labels, math.nan, first_ns)))

    def _keep(self, held: Iterable[Reading], at_ns: int, keep_ns: float) -> tuple[Reading, ...]:
        """Those that meet the rule, and those that did within `keep_ns`: what took a moment is not over in one."""
        for reading in held:
            self.kept.pop((reading.name, reading.labels), None)
            self.kept[reading.name, reading.labels] = at_ns, reading
        lately = [(key, one) for key, one in self.kept.items() if 0 <= at_ns - one[0] <= keep_ns]
        self.kept = dict(lately[-KEPT:])
        return tuple(reading for _, reading in self.kept.values())

    def _viewed(
        self, rule: MetricRule, series: "Series", at_ns: int, earlier: "Earlier | None"
    ) -> Iterable[tuple[int, float]]:
        """What the rule compares of each series it selects, and which of the set's series that is of."""
        match rule.view:
            case MetricView.VALUE:
                views = series.values(rule)
            case MetricView.LEFT:
                views = [(at, value - at_ns / 10**9) for at, value in series.values(rule)]
            case MetricView.AGE:
                views = [(at, at_ns / 10**9 - value) for at, value in series.values(rule)]
            case MetricView.RATE:
                views = [] if earlier is None else earlier.rates(rule, series)
            case _:
                habits = ((at, self._deviation(series.key(at), value, at_ns)) for at, value in series.values(rule))
                views = [(at, view) for at, view in habits if view is not None]
        return [(at, abs(view)) for at, view in views] if rule.magnitude else views

    def _deviation(self, key: Key, value: float, at_ns: int) -> float | None:
        if not math.isfinite(value):
            return None
        habit = self.habits.get(key)
        if habit is None:
            if len(self.habits) >= HABITS:
                return None
            habit = self.habits[key] = Baseline()
        return habit.deviation(value, at_ns)


class Layout:
    """Where among an asset's series each rule finds its own: looked for once, for all assets with the same series."""

    def __init__(self, series: tuple[Key, ...]) -> None:
        self.series = series
        self._named: dict[str, list[int]] = {}
        for at, (name, _) in enumerate(series):
            self._named.setdefault(name, []).append(at)
        self._places: dict[str, tuple[Place, ...]] = {}

    def places(self, rule: MetricRule) -> tuple[Place, ...]:
        """The series that a rule selects."""
        places = self._places.get(rule.header.name)
        if places is None:
            places = self._places[rule.header.name] = tuple(self._selected(rule))
        return places

    def _selected(self, rule: MetricRule) -> Iterator[Place]:
        divisors = {self.series[at][1]: at for at in self._named.get(rule.per or "", ())}
        for at in sorted(at for name in rule.metrics for at in self._named.get(name, ())):
            name, labels = self.series[at]
            if rule.matches({METRIC_NAME: name, **dict(labels)}):
                yield at, None if rule.per is None else divisors.get(labels, MISSING)


class Series:
    """One sample set of an asset, in its layout: one number for each series."""

    __slots__ = ("_numbers", "given", "layout")

    def __init__(self, numbers: Numbers, layout: Layout) -> None:
        self.given = numbers
        self.layout = layout
        self._numbers = numbers if isinstance(numbers, Sequence) else None

    @property
    def numbers(self) -> Sequence[float]:
        """The number of each series."""
        if self._numbers is None:
            self._numbers = self.given if isinstance(self.given, Sequence) else self.given.tolist()
        return self._numbers

    def key(self, at: int) -> Key:
        """The name and labels of a series."""
        return self.layout.series[at]

    def values(self, rule: MetricRule) -> list[tuple[int, float]]:
        """Which series a rule selects, and the value of each, divided if the rule divides."""
        numbers = self.numbers
        return [
            (at, numbers[at] if per is None else _ratio(numbers[at], self._divisor(per)))
            for at, per in self.layout.places(rule)
        ]

    def readings(self, rule: MetricRule) -> list[tuple[int, Selected]]:
        """The same with the two parts of a ratio kept apart."""
        return [
            (at, Selected(self.numbers[at], None if per is None else self._divisor(per)))
            for at, per in self.layout.places(rule)
        ]

    def _divisor(self, per: int) -> float:
        return 0.0 if per == MISSING else self.numbers[per]


@dataclass(slots=True)
class Earlier:
    """The set before one, and how many seconds lie between them; never more than GAP_NS, and never less than none."""

    series: Series
    seconds: float

    def rates(self, rule: MetricRule, now: Series) -> list[tuple[int, float]]:
        """How fast each series that a rule selects has grown since."""
        before = {self.series.key(at): reading for at, reading in self.series.readings(rule)}
        selected = [(at, now.key(at), reading) for at, reading in now.readings(rule)]
        grown = ((at, reading.growth(before[key], self.seconds)) for at, key, reading in selected if key in before)
        return [(at, view) for at, view in grown if view is not None]


def _ratio(reading: float, divisor: float) -> float:
    return reading / divisor if divisor else math.nan


def reach_ns(rules: Sequence[MetricRule], most: Callable[[Quantity], float]) -> int:
    """How far back readings matter to some rules; `most` says what a quantity stands for at the most (seconds).

    What is kept for a time after it was met comes back by `resume`.
    """
    spans_ns = [most(rule.hold) * 10**9 for rule in rules]
    learnt_ns = [LEARNT_NS for rule in rules if rule.view is MetricView.DEVIATION]
    return int(max((*spans_ns, *learnt_ns), default=0))
