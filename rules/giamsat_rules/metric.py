# SPDX-License-Identifier: Apache-2.0
"""Conditions on readings: which series meet a metric rule, and for how long already."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from giamsat_rules.language import METRIC_NAME
from giamsat_rules.level import Profile
from giamsat_rules.rule import MetricRule
from giamsat_wire.record import Labels, Sample, SampleSet

GAP_NS: Final = 300 * 10**9
"""Two readings further apart than this say nothing about the time between them (Prometheus forgets as fast)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A series that meets a rule, and since when its readings have."""

    name: str
    labels: Labels
    value: float
    since_ns: int


@dataclass(slots=True)
class Holding:
    """The series of one asset that meet one rule now."""

    since: dict[tuple[str, Labels], int] = field(default_factory=dict)
    last_ns: int = 0

    def take(self, rule: MetricRule, profile: Profile, samples: "Series", at_ns: int) -> tuple[Reading, ...]:
        """The series that have met the rule long enough at this reading."""
        gap = not 0 <= at_ns - self.last_ns <= GAP_NS
        before = {} if gap else self.since
        limit, hold_ns = profile.value(rule.limit), profile.value(rule.hold) * 10**9
        now: dict[tuple[str, Labels], int] = {}
        held: list[Reading] = []
        for sample in samples.matching(rule):
            if not rule.comparison.holds(sample.value, limit):
                continue
            since = now[sample.name, sample.labels] = before.get((sample.name, sample.labels), at_ns)
            if at_ns - since >= hold_ns:
                held.append(Reading(sample.name, sample.labels, sample.value, since))
        self.since, self.last_ns = now, at_ns
        return tuple(held)


class Series:
    """One sample set by metric name."""

    def __init__(self, samples: SampleSet) -> None:
        self._by_name: dict[str, dict[Labels, float]] = {}
        for sample in samples.samples:
            self._by_name.setdefault(sample.name, {})[sample.labels] = sample.value

    def matching(self, rule: MetricRule) -> Iterator[Sample]:
        """What the rule compares: each series it selects, divided by its counterpart if the rule says so."""
        divisors: Mapping[Labels, float] = self._by_name.get(rule.per, {}) if rule.per else {}
        for name in rule.metrics:
            for labels, reading in self._by_name.get(name, {}).items():
                if not rule.matches({METRIC_NAME: name, **dict(labels)}):
                    continue
                divisor = divisors.get(labels, 0.0) if rule.per else 1.0
                value = reading / divisor if divisor else math.nan
                if math.isfinite(value):
                    yield Sample(name, abs(value) if rule.magnitude else value, labels)
