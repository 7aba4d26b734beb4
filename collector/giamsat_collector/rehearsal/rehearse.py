# SPDX-License-Identifier: Apache-2.0
"""Judges archived frames by one rulebook and counts the alerts they would bring.

An alert stands for one rule, one asset and one day (UTC): analysts close theirs within the day, so what comes the next
day is another. Those of a day that tell of the same stand behind one another, as they would have in the queue.

Only events are archived: rules on readings and on silence are not rehearsed, nor those on lists of what is known to be
evil, which say nothing here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.folding import Told, placings
from giamsat_collector.alerts.grouping import joined, opened
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.indicators.contact import ROLE
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.judge import Judge
from giamsat_collector.registry.record import Placement
from giamsat_collector.silence.silences import Places
from giamsat_rules.engine import Engine
from giamsat_rules.guard import Timing
from giamsat_rules.profile_lookup import ProfileLookup
from giamsat_rules.rule import AbsenceRule, Correlation, Detection, MetricRule, Rule, RuleSet
from giamsat_rules.suppression import Suppressions
from giamsat_rules.verdict import Verdict
from giamsat_wire.clock import SECOND_NS, Clock


class Key(NamedTuple):
    """What makes an alert one: a rule says something about an asset on a day."""

    day: date
    rule: str
    asset: str


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert that would have been raised, and how many events it would hold.

    `behind` is the rule whose alert would have stood for it; None: it would have stood in the queue itself.
    """

    key: Key
    unit: str | None
    level: int | None
    severity: str
    count: int
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rulebook said. `judging_ns` is the time it took, `left_out` how many rules events cannot rehearse."""

    alerts: Mapping[Key, Expected]
    judging_ns: int
    disabled: Mapping[str, str]
    left_out: int

    @property
    def queued(self) -> int:
        """How many of the alerts would have stood in the queue."""
        return sum(one.behind is None for one in self.alerts.values())


@dataclass(slots=True)
class Rehearsal:
    """One rulebook on the stage, with what is suppressed; frames are given in the order they were committed."""

    rules: RuleSet
    yardstick: ProfileLookup
    places: Places
    clock: Clock
    suppressions: Suppressions = field(default_factory=Suppressions)
    _judge: Judge = field(init=False)
    _alerts: dict[Key, Alert] = field(default_factory=dict)
    _judging_ns: int = 0

    def __post_init__(self) -> None:
        engine = Engine(self.rules, self.yardstick, timing=Timing(self.clock.mono_ns), suppressions=self.suppressions)
        self._judge = Judge(engine, self.places, HostPages(), Fleet(self.clock))

    def frame(self, stored: StoredFrame) -> None:
        """Judge one frame; one that cannot be read says nothing, as it did when it came."""
        self._count(lambda: self._judge.frame(stored).verdicts)

    def outcome(self) -> Outcome:
        """What came of all frames; spans that are still open are judged as they are."""
        self._count(self._judge.engine.settle)
        silent = sum(self._silent(rule) for rule in self.rules.rules.values())
        disabled = dict(self._judge.engine.counters.disabled)
        return Outcome(dict(self._expected()), self._judging_ns, disabled, silent)

    def _expected(self) -> Iterator[tuple[Key, Expected]]:
        """The alerts, each with the rule of the one that stands for it."""
        keys = {alert.id: key for key, alert in self._alerts.items()}
        for day in sorted({key.day for key in keys.values()}):
            told = [Told.of(alert) for key, alert in self._alerts.items() if key.day == day]
            causes = {one.alert: one.cause for one in placings(told, self._judge.engine.behind)}
            for one in told:
                key, cause, alert = keys[one.id], causes.get(one.id), self._alerts[keys[one.id]]
                behind = None if cause is None else keys[cause].rule
                yield key, Expected(key, alert.unit or None, alert.level, alert.severity, alert.count, behind)

    def _silent(self, rule: Rule) -> bool:
        """Whether what is archived cannot have it say anything."""
        match rule:
            case MetricRule() | AbsenceRule():
                return True
            case Detection():
                return ROLE in rule.fields
            case Correlation():
                return all(self._silent(self.rules.rules[name]) for name in rule.rules)

    def _count(self, judged: Callable[[], tuple[Verdict, ...]]) -> None:
        began_ns = self.clock.mono_ns()
        verdicts = judged()
        self._judging_ns += self.clock.mono_ns() - began_ns
        for verdict in verdicts:
            if verdict.change == "ended":
                continue
            began = datetime.fromtimestamp(verdict.first_ns / SECOND_NS, UTC).date()
            key = Key(began, verdict.rule, verdict.subject.asset)
            before, it = self._alerts.get(key), verdict.subject
            place = Placement(it.asset, "", it.unit or "", "", it.system, it.level)
            self._alerts[key] = joined(before, verdict, 0) if before else opened(verdict, place, 0)
