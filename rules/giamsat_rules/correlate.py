# SPDX-License-Identifier: Apache-2.0
"""Correlations: the groups of one rule, each with its window, and what counts as enough."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, TypeAlias

from giamsat_rules.level import Profile
from giamsat_rules.rule import Comparison, Correlation, CorrelationKind, Fields
from giamsat_rules.verdict import Occurrence
from giamsat_rules.window import PENDING, Enough, Entry, Step, Window

GROUPS: Final = 10_000
"""Groups one rule keeps: the one untouched longest goes first, and is counted."""
ENTRIES: Final = 50_000
"""Occurrences that wait in all groups of one rule together."""
NANOSECONDS: Final = 10**9

_at: Final = attrgetter("at_ns")

Key: TypeAlias = tuple[str, ...]


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
    waiting: int = 0
    evicted: int = 0

    def take(self, source: str, occurrences: tuple[Occurrence, ...], profile: Profile) -> Advance | None:
        """Judge what met the rule `source`; None when it lacks a field that is asked for, or nothing came of it."""
        newest = occurrences[-1]
        values = self._group(source, newest.fields)
        counted = _text(newest.fields, self.rule.value_field) if self.rule.value_field else ""
        if values is None or counted is None:
            return None
        key = (newest.subject.asset, *values)
        window = self.windows.setdefault(key, Window())
        self.windows.move_to_end(key)
        before = len(window.pending)
        step = window.add(
            Entry(newest.at_ns, source, occurrences, counted),
            timespan_ns=int(profile.value(self.rule.timespan) * NANOSECONDS),
            enough=self._enough(profile),
        )
        self.waiting += len(window.pending) - before
        self._bound()
        return Advance(dict(zip(self.rule.group_by, values, strict=True)), step) if step else None

    def _group(self, source: str, fields: Fields) -> tuple[str, ...] | None:
        values = tuple(_text(fields, name) for name in self.rule.fields.get(source, self.rule.group_by))
        known = tuple(value for value in values if value is not None)
        return known if len(known) == len(values) else None

    def _enough(self, profile: Profile) -> Enough:
        least = profile.value(self.rule.least)
        needed = int(least) + 1 if self.rule.comparison is Comparison.GT else -int(-least // 1)
        match self.rule.kind:
            case CorrelationKind.EVENT_COUNT:
                return lambda entries: len(entries) >= needed
            case CorrelationKind.VALUE_COUNT:
                return lambda entries: len({entry.value for entry in entries}) >= needed
            case CorrelationKind.TEMPORAL:
                return lambda entries: len({entry.rule for entry in entries}) >= needed
            case CorrelationKind.TEMPORAL_ORDERED:
                return lambda entries: _in_order(entries, self.rule.rules)

    def _bound(self) -> None:
        while len(self.windows) > GROUPS or self.waiting > ENTRIES:
            _, window = self.windows.popitem(last=False)
            self.waiting -= len(window.pending)
            self.evicted += 1


def too_large(rule: Correlation, profile: Profile) -> bool:
    """Whether the rule waits for more than a window can hold."""
    return profile.value(rule.least) > PENDING


def _in_order(entries: Sequence[Entry], rules: tuple[str, ...]) -> bool:
    """Whether the rules were met one after another."""
    reached = 0
    for entry in entries:
        if entry.rule == rules[reached]:
            reached += 1
            if reached == len(rules):
                return True
    return False


def _text(fields: Fields, name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    return ",".join(value) if isinstance(value, tuple) else str(value)
