# SPDX-License-Identifier: Apache-2.0
"""Correlations: the groups of one rule, each with its window, and what counts as enough."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from statistics import median
from typing import Final, TypeAlias

from giamsat_rules.level import Profile
from giamsat_rules.matching.pattern import as_text
from giamsat_rules.matching.taxonomy import Getter, getter
from giamsat_rules.matching.value import as_number
from giamsat_rules.rule import Correlation, CorrelationKind, Fields, Quantity
from giamsat_rules.satisfiability import NUMERIC
from giamsat_rules.span import Spans
from giamsat_rules.verdict import Occurrence, Standing
from giamsat_rules.window import Enough, Entry, Step, Window
from giamsat_wire.clock import SECOND_NS

GROUPS: Final = 10_000
"""Groups one rule keeps: the one untouched longest goes first, and is counted."""
ENTRIES: Final = 50_000
"""Occurrences that wait in all groups of one rule together."""
LARGEST: Final = 1e300
"""A larger number is none: the sum of a full window of such is not a number any more."""

_at: Final = attrgetter("at_ns")

Key: TypeAlias = tuple[str, ...]
ProfileOf: TypeAlias = Callable[[Occurrence], Profile]


@dataclass(frozen=True, slots=True)
class Advance:
    """A correlation that reached its threshold or went on: in which group, and by what."""

    group: Mapping[str, str]
    step: Step

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """The events that had not been counted before, in order of event time."""
        return tuple(sorted((each for entry in self.step.entries for each in entry.occurrences), key=_at))


@dataclass(slots=True)
class Groups:
    """The state of one correlation over all assets."""

    rule: Correlation
    windows: OrderedDict[Key, Window] = field(default_factory=OrderedDict)
    spans: Spans = field(default_factory=Spans)
    waiting: int = 0
    evicted: int = 0
    _getters: dict[str, tuple[Getter, ...]] = field(default_factory=dict)
    _judging: dict[str, tuple[int, Enough]] = field(default_factory=dict)

    def take(self, source: str, occurrences: tuple[Occurrence, ...], profile: Profile) -> Advance | None:
        """Judge what met the rule `source`; None when it lacks a field that is asked for, or nothing came of it."""
        newest = occurrences[-1]
        values = _key(newest.fields, self._group_getters(source))
        counted = self._counted(newest.fields)
        if values is None or counted is None:
            return None
        entry = Entry(newest.at_ns, source, occurrences, counted)
        timespan_ns, enough = self._by(profile)
        if self.rule.closing:
            self.spans.add(newest.subject.asset, values, entry, timespan_ns)
            return None
        key = (newest.subject.asset, *values)
        window = self.windows.get(key) or self.windows.setdefault(key, Window())
        self.windows.move_to_end(key)
        before = len(window.pending)
        step = window.add(entry, timespan_ns=timespan_ns, enough=enough)
        self.waiting += len(window.pending) - before
        self._bound()
        return Advance(self._group(values), step) if step else None

    def settle(self, asset: str | None, now_ns: int | None, profile_of: ProfileOf) -> Iterator[Advance]:
        """What has come of spans that are over: of one asset by event time, or of all (None, and None for the time)."""
        for values, entries in self.spans.over(asset, now_ns):
            _, enough = self._by(profile_of(entries[-1].occurrences[-1]))
            if enough(entries):
                yield Advance(self._group(values), Step(begun=True, entries=tuple(entries)))

    def resume(self, asset: str, standing: Standing, profile: Profile) -> None:
        """Take an episode as counted already: what goes on with it continues it, where the level judges by the rule."""
        if self.rule.closing or standing.group.keys() != set(self.rule.group_by):
            return
        if not profile.judges(self.rule.header.name):
            return
        key = (asset, *(standing.group[name] for name in self.rule.group_by))
        window = self.windows.setdefault(key, Window())
        before = len(window.pending)
        window.resume(standing.first_ns, standing.last_ns, timespan_ns=self._by(profile)[0])
        self.waiting += len(window.pending) - before
        self._bound()

    def _group(self, values: tuple[str, ...]) -> dict[str, str]:
        return dict(zip(self.rule.group_by, values, strict=True))

    def _group_getters(self, source: str) -> tuple[Getter, ...]:
        getters = self._getters.get(source)
        if getters is None:
            names = self.rule.fields.get(source, self.rule.group_by)
            getters = self._getters[source] = tuple(map(getter, names))
        return getters

    def _by(self, profile: Profile) -> tuple[int, Enough]:
        """The timespan, and what is enough, at a level."""
        judging = self._judging.get(profile.hash)
        if judging is None:
            timespan_ns = int(profile.value(self.rule.timespan) * SECOND_NS)
            judging = self._judging[profile.hash] = (timespan_ns, self._enough(profile))
        return judging

    def _counted(self, fields: Fields) -> str | float | None:
        """What the rule counts or adds up in an event; None when the event has no such thing."""
        names = self.rule.value_fields
        if not names:
            return ""
        if self.rule.kind in NUMERIC:
            number = as_number(getter(names[0])(fields))
            return number if number is not None and abs(number) < LARGEST else None
        found = _key(fields, tuple(map(getter, names)))
        return None if found is None else "\x1f".join(found)

    def _enough(self, profile: Profile) -> Enough:
        rule = self.rule
        if rule.combination is not None:
            return self._combined
        if rule.kind is CorrelationKind.TEMPORAL_ORDERED:
            return lambda entries: _in_order(entries, rule.rules)
        holds = _range(rule, profile)
        match rule.kind:
            case CorrelationKind.EVENT_COUNT:
                return lambda entries: holds(len(entries))
            case CorrelationKind.VALUE_COUNT:
                return lambda entries: holds(len({entry.value for entry in entries}))
            case CorrelationKind.TEMPORAL:
                return lambda entries: holds(len({entry.rule for entry in entries}))
            case _:
                return lambda entries: holds(self._number([float(entry.value) for entry in entries]))

    def _number(self, values: list[float]) -> float:
        match self.rule.kind:
            case CorrelationKind.VALUE_SUM:
                return math.fsum(values)
            case CorrelationKind.VALUE_AVG:
                return math.fsum(values) / len(values)
            case CorrelationKind.VALUE_MEDIAN:
                return median(values)
            case _:
                return percentile(values, self.rule.percentile)

    def _combined(self, entries: Sequence[Entry]) -> bool:
        met = {entry.rule for entry in entries}
        if self.rule.combination is None or not self.rule.combination(met):
            return False
        if self.rule.kind is not CorrelationKind.TEMPORAL_ORDERED:
            return True
        return _in_order(entries, tuple(name for name in self.rule.rules if name in met))

    def _bound(self) -> None:
        while len(self.windows) > GROUPS or self.waiting > ENTRIES:
            _, window = self.windows.popitem(last=False)
            self.waiting -= len(window.pending)
            self.evicted += 1


def _range(rule: Correlation, profile: Profile) -> Callable[[float], bool]:
    """Whether a number is what the rule waits for."""
    compare, least = rule.comparison.holds, profile.value(rule.least)
    if rule.most is None:
        return lambda number: compare(number, least)
    below, most = rule.most[0].holds, profile.value(rule.most[1])
    return lambda number: compare(number, least) and below(number, most)


def alike(one: Correlation, other: Correlation) -> bool:
    """Whether one can go on with what the other remembers."""
    return (one.header.version, one.rules, one.group_by, one.kind, one.closing) == (
        other.header.version,
        other.rules,
        other.group_by,
        other.kind,
        other.closing,
    )


def reach_ns(rules: Iterable[Correlation], most: Callable[[Quantity], float]) -> int:
    """How far back occurrences matter to some rules; `most` says what a quantity stands for at the most (seconds)."""
    # Twice: a rule may be built on one that fills its own window first. Longer episodes come back by `resume`.
    return int(2 * max((most(rule.timespan) for rule in rules), default=0.0) * SECOND_NS)


def percentile(values: Sequence[float], rank: float) -> float:
    """The smallest of the values that at least `rank` per cent of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(rank / 100 * len(ordered)) - 1)]


def _in_order(entries: Sequence[Entry], rules: tuple[str, ...]) -> bool:
    """Whether the rules were met one after another."""
    reached = 0
    for entry in entries:
        if entry.rule == rules[reached]:
            reached += 1
            if reached == len(rules):
                return True
    return False


def _key(fields: Fields, getters: tuple[Getter, ...]) -> tuple[str, ...] | None:
    """The values of the fields as text; None when one is missing."""
    found: list[str] = []
    for get in getters:
        value = get(fields)
        if value is None:
            return None
        found.append(",".join(value) if isinstance(value, tuple) else as_text(value))
    return tuple(found)
