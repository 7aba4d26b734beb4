# SPDX-License-Identifier: Apache-2.0
"""The engine: events, readings and signs of life in, verdicts out.

The same code judges live, in replay and in `giamsat-rules test`. It does no I/O and reads no clock; the same inputs in
the same order give the same verdicts. A rule that raises is disabled and counted, all others go on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from giamsat_rules.absence import silent
from giamsat_rules.correlate import Advance, Groups, too_large
from giamsat_rules.index import Index
from giamsat_rules.level import LevelPack, Profile
from giamsat_rules.metric import Holding, Reading, Series
from giamsat_rules.pronounce import from_condition, from_occurrences
from giamsat_rules.rule import AbsenceRule, Correlation, Detection, Fields, MetricRule, Rule, RuleSet
from giamsat_rules.state import Assets, Group, grouped
from giamsat_rules.verdict import Change, Occurrence, Subject, Verdict
from giamsat_wire.record import SampleSet

DEEP: Final = 8
"""Correlations of correlations are followed this far."""

T = TypeVar("T")


@dataclass(slots=True)
class Counters:
    """What an engine did not judge: disabled rules and why, and events whose time was not to be believed."""

    disabled: dict[str, str] = field(default_factory=dict)
    clamped: int = 0


class Engine:
    """Judges what happens on assets by a set of rules and a level pack."""

    def __init__(self, rules: RuleSet, pack: LevelPack) -> None:
        self.counters = Counters()
        self._pack = pack
        everything = rules.rules.values()
        self._detections = Index(rule for rule in everything if isinstance(rule, Detection))
        self._metrics = tuple(rule for rule in everything if isinstance(rule, MetricRule))
        self._absences = tuple(rule for rule in everything if isinstance(rule, AbsenceRule))
        self._groups = tuple(Groups(rule) for rule in everything if isinstance(rule, Correlation))
        self._built_on: dict[str, list[Groups]] = {}
        for groups in self._groups:
            for name in dict.fromkeys(groups.rule.rules):
                self._built_on.setdefault(name, []).append(groups)
        self._assets = Assets()
        for rule in everything:
            self._refuse_unfit(rule)

    @property
    def evicted(self) -> Mapping[str, int]:
        """How many groups each correlation had to forget before their time, and assets as `assets`."""
        counts = {groups.rule.header.name: groups.evicted for groups in self._groups}
        return {name: count for name, count in (counts | {"assets": self._assets.evicted}).items() if count}

    @property
    def metric_names(self) -> frozenset[str]:
        """The metrics that rules look at; `judge_samples` needs no others."""
        divisors = {rule.per for rule in self._metrics if rule.per is not None}
        return frozenset(divisors.union(*(rule.metrics for rule in self._metrics)))

    @property
    def reach_ns(self) -> int:
        """How far back occurrences still matter: judging those anew after a restart rebuilds every window."""
        spans = [
            profile.value(groups.rule.timespan)
            for groups in self._groups
            for profile in self._pack.profiles.values()
            if groups.rule.header.name not in self.counters.disabled
        ]
        # An episode that goes on reaches one span further back than its window.
        return int(2 * max(spans, default=0.0) * 10**9)

    def judge(self, occurrence: Occurrence) -> tuple[Verdict, ...]:
        """Every verdict an event brings. One whose time is not to be believed brings none."""
        if occurrence.clamped:
            self.counters.clamped += 1
            return ()
        profile = self._pack.profile(occurrence.subject.level)
        verdicts: list[Verdict] = []
        for rule in self._detections.candidates(occurrence.fields):
            if not self._guarded(rule, partial(rule.matches, occurrence.fields)):
                continue
            if not rule.silent and profile.judges(rule.header.name):
                group = _group(rule, occurrence.fields)
                verdicts.append(from_occurrences(rule, profile, (occurrence,), group=group, change="raised"))
            verdicts.extend(self._correlated(rule.header.name, (occurrence,), profile))
        return tuple(verdicts)

    def judge_samples(self, subject: Subject, samples: SampleSet) -> tuple[Verdict, ...]:
        """Every verdict a reading of a host brings: raised once per series, cleared when no series meets the rule."""
        profile, state = self._pack.profile(subject.level), self._assets.of(subject.asset)
        series, now_ns = Series(samples), samples.wall_ns
        verdicts: list[Verdict] = []
        for rule in self._metrics:
            if not profile.judges(rule.header.name):
                continue
            holding = state.holding.setdefault(rule.header.name, Holding())
            readings = self._guarded(rule, partial(holding.take, rule, profile, series, now_ns))
            if readings is None:
                continue
            found = {grouped(dict(reading.labels)): (reading.since_ns, _evidence(reading)) for reading in readings}
            verdicts += self._told(rule, profile, subject, found, now_ns)
        return tuple(verdicts)

    def judge_presence(self, subject: Subject, last_seen: Mapping[str, int], now_ns: int) -> tuple[Verdict, ...]:
        """Every verdict that silence brings. `last_seen` has the agent under `absence.AGENT` beside its log sources."""
        profile = self._pack.profile(subject.level)
        verdicts: list[Verdict] = []
        for rule in self._absences:
            if not profile.judges(rule.header.name):
                continue
            sources = self._guarded(rule, partial(silent, rule, profile, last_seen, now_ns))
            if sources is None:
                continue
            found = {grouped({"source": source}): (at_ns, {"source": source}) for source, at_ns in sources.items()}
            verdicts += self._told(rule, profile, subject, found, now_ns)
        return tuple(verdicts)

    def resume(self, asset: str, rule: str, groups: Iterable[Mapping[str, str]]) -> None:
        """After a restart: take an alert of readings or silence as raised; it is not raised again, and clears."""
        self._assets.of(asset).raised[rule] = {grouped(group) for group in groups}

    def _told(
        self,
        rule: MetricRule | AbsenceRule,
        profile: Profile,
        subject: Subject,
        found: Mapping[Group, tuple[int, Fields]],
        now_ns: int,
    ) -> Iterator[Verdict]:
        """What is new since it was last told: groups that came, and the end of the last one."""
        raised = self._assets.of(subject.asset).raised
        before = raised.get(rule.header.name, set())
        say = partial(from_condition, rule, profile, subject, now_ns=now_ns)
        for group in sorted(found.keys() - before):
            since_ns, evidence = found[group]
            yield say(group=dict(group), change="raised", since_ns=since_ns, evidence=evidence)
        if before and not found:
            yield say(group=dict(min(before)), change="cleared", since_ns=now_ns)
        raised[rule.header.name] = set(found)

    def _correlated(
        self, source: str, occurrences: tuple[Occurrence, ...], profile: Profile, depth: int = 0
    ) -> Iterator[Verdict]:
        """Feed what met the rule `source` to every correlation built on it."""
        for groups in self._built_on.get(source, ()) if depth < DEEP else ():
            rule = groups.rule
            if not rule.silent and not profile.judges(rule.header.name):
                continue
            advance: Advance | None = self._guarded(rule, partial(groups.take, source, occurrences, profile))
            if advance is None:
                continue
            if not rule.silent:
                change: Change = "raised" if advance.step.begun else "continued"
                yield from_occurrences(rule, profile, advance.occurrences, group=advance.group, change=change)
            yield from self._correlated(rule.header.name, advance.occurrences, profile, depth + 1)

    def _guarded(self, rule: Rule, judge: Callable[[], T]) -> T | None:
        """What `judge` says; None, now and from now on, once it has raised."""
        name = rule.header.name
        if name in self.counters.disabled:
            return None
        try:
            return judge()
        except Exception as error:  # noqa: BLE001 - one rule's fault must not stop the others; it is counted and shown
            self.counters.disabled[name] = f"{type(error).__name__}: {error}"
            return None

    def _refuse_unfit(self, rule: Rule) -> None:
        """Disable a rule that a level could not judge: a parameter is missing, or the window cannot hold its count."""
        for profile in self._pack.profiles.values():
            missing = profile.lacks(rule) if profile.judges(rule.header.name) else frozenset()
            if missing:
                self.counters.disabled[rule.header.name] = f"level {profile.level} sets no {', '.join(sorted(missing))}"
            elif isinstance(rule, Correlation) and not profile.lacks(rule) and too_large(rule, profile):
                self.counters.disabled[rule.header.name] = f"level {profile.level} asks for more than a window holds"


def _group(rule: Detection, fields: Fields) -> dict[str, str]:
    return {name: str(fields[name]) for name in rule.group_by if name in fields}


def _evidence(reading: Reading) -> Fields:
    return {"metric.name": reading.name, "metric.value": reading.value, **{f"labels.{k}": v for k, v in reading.labels}}
