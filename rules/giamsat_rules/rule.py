# SPDX-License-Identifier: Apache-2.0
"""What a rule is, once it has been read: values only.

A rule of our own names parameters, whose values live in a level pack (`level`); others may hold plain numbers.
"""

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from giamsat_rules.behind import Behind
from giamsat_rules.errors import Origin, Problem
from giamsat_rules.owner import Owner
from giamsat_rules.proof import Proof
from giamsat_wire.record import FieldValue

Fields: TypeAlias = Mapping[str, FieldValue]
Predicate: TypeAlias = Callable[[Fields], bool]


@dataclass(frozen=True, slots=True)
class Texts:
    """The same sentence in Vietnamese and English; empty where the rule does not say."""

    vi: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A quantity that the level pack sets."""

    name: str


Quantity: TypeAlias = float | Parameter
"""A number (durations in seconds), or the name of one."""


class Comparison(StrEnum):
    """How a reading is held against a limit."""

    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    EQ = "eq"
    NEQ = "neq"

    def holds(self, value: float, limit: float) -> bool:
        """Whether `value` compares to `limit` this way."""
        return _HOLDS[self](value, limit)


_HOLDS: Final[Mapping[Comparison, Callable[[float, float], bool]]] = {
    Comparison.LT: operator.lt,
    Comparison.LTE: operator.le,
    Comparison.GT: operator.gt,
    Comparison.GTE: operator.ge,
    Comparison.EQ: operator.eq,
    Comparison.NEQ: operator.ne,
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a rule says about itself. `techniques` are ATT&CK's, like T1110; `own`: it was written for this product.

    By `digest` a change of it is known. `behind` are the rules whose alerts stand for its own, telling of the same.
    """

    name: str
    id: str
    version: int
    title: Texts
    description: Texts
    runbook: Texts
    severity: str
    techniques: tuple[str, ...]
    false_positives: tuple[str, ...]
    origin: Origin
    digest: str
    own: bool = True
    behind: Behind = field(default_factory=Behind)


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where a rule's events come from, in Sigma's words."""

    product: str | None = None
    category: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """One of these: a literal stands in some value, a field has a value (number or text) or is there; lower case."""

    literals: frozenset[str] = frozenset()
    values: frozenset[tuple[str, float | str]] = frozenset()
    fields: frozenset[str] = frozenset()

    def __or__(self, other: "Anchor") -> "Anchor":
        return Anchor(self.literals | other.literals, self.values | other.values, self.fields | other.fields)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is known to be harmless: where it does not hold, the detections it names raise nothing.

    As in Sigma, `matches` is what an event must meet to be judged at all (mostly `not selection`). `rules` are names or
    ids, None every rule of the log source. It applies to events before `until_ns`; None is without end.
    """

    header: Header
    logsource: LogSource
    rules: frozenset[str] | None
    matches: Predicate
    reason: str = ""
    author: str = ""
    until_ns: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A detection that holds only for what is new: the values of `fields` were not seen for `within` seconds.

    Nothing is new to an owner in the first `learn` seconds that it is known by the rule.
    """

    fields: tuple[str, ...]
    per: Owner
    within: Quantity
    learn: Quantity


@dataclass(frozen=True, slots=True)
class Detection:
    """A condition on one event.

    `anchor` is what an event must have for it to hold (None: anything). Beside that, of each set of `narrowings` one
    literal stands in its text, and one of `told` in its telling fields (empty: nothing); of each set of `present` it
    has one field, and each field of `bound` has one of some values (lower case). `fields` are all it asks for, `reads`
    where its literals may stand (None: anywhere), `proof` what finding them spares, `group_by` what breaks an alert
    down. Silent ones feed correlations; one that `ends` a rule's alerts says when a group of them is over.
    """

    header: Header
    logsource: LogSource
    matches: Predicate
    group_by: tuple[str, ...] = ()
    silent: bool = False
    anchor: Anchor | None = None
    narrowings: tuple[frozenset[str], ...] = ()
    told: frozenset[str] = frozenset()
    present: frozenset[frozenset[str]] = frozenset()
    bound: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()
    reads: frozenset[str] | None = None
    proof: Proof | None = None
    filters: tuple[Filter, ...] = ()
    history: History | None = None
    ends: str = ""


class CorrelationKind(StrEnum):
    """What a correlation counts in its window."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"
    VALUE_SUM = "value_sum"
    VALUE_AVG = "value_avg"
    VALUE_MEDIAN = "value_median"
    VALUE_PERCENTILE = "value_percentile"


Combination: TypeAlias = Callable[[Collection[str]], bool]
"""Whether the names of rules that were met satisfy an extended condition."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """A condition on several events of one asset within a span of event time.

    `rules` are names. `fields` give, per rule, the event field that stands for each of `group_by`. `least` is how many
    it takes (events, different values, different rules, or the sum, mean or percentile of values). `value_fields` are
    what is counted or added up. With `generate` the rules it builds on speak for themselves as well. `combination` is
    an extended condition on which rules were met. `closing`: further events can make it untrue again, so it is judged
    when a span is over and not before. `most` is the other end where `least` begins a range.
    """

    header: Header
    kind: CorrelationKind
    rules: tuple[str, ...]
    group_by: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    timespan: Quantity
    comparison: Comparison
    least: Quantity
    value_fields: tuple[str, ...] = ()
    generate: bool = False
    silent: bool = False
    combination: Combination | None = None
    percentile: float = 50.0
    closing: bool = False
    most: tuple[Comparison, Quantity] | None = None


class MetricView(StrEnum):
    """What of a series is compared: value, growth, distance from its habit, how long it still is, how long it was ago.

    A deviation counts in the usual spread of the series' last day (median absolute deviation). A time is in UNIX
    seconds; what is left of it, and its age, are counted from the reading; below zero is over, and to come.
    """

    VALUE = "value"
    RATE = "rate"
    DEVIATION = "deviation"
    LEFT = "left"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class MetricRule:
    """A condition on readings: those named `metrics` whose labels match, divided by `per` with equal labels if given.

    It holds once each reading compared so for `hold` seconds, and goes on until none did for `keep` seconds.
    """

    header: Header
    metrics: frozenset[str]
    matches: Predicate
    per: str | None
    magnitude: bool
    comparison: Comparison
    limit: Quantity
    hold: Quantity
    view: MetricView = MetricView.VALUE
    keep: Quantity = 0.0


class Silence(StrEnum):
    """What can fall silent: a unit is when all its hosts fell silent together, the centre when most units did."""

    AGENT = "agent"
    LOG_SOURCE = "log_source"
    UNIT = "unit"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class AbsenceRule:
    """A condition on what is no longer heard: `of` was silent for more than `after` seconds."""

    header: Header
    of: Silence
    after: Quantity


Rule: TypeAlias = Detection | Correlation | MetricRule | AbsenceRule


def parameters(rule: Rule) -> frozenset[str]:
    """The parameters a rule names."""
    quantities: tuple[Quantity, ...]
    match rule:
        case Detection():
            quantities = (rule.history.within, rule.history.learn) if rule.history else ()
        case Correlation():
            quantities = (rule.least, rule.timespan, *([rule.most[1]] if rule.most else []))
        case MetricRule():
            quantities = (rule.limit, rule.hold, rule.keep)
        case AbsenceRule():
            quantities = (rule.after,)
    return frozenset(quantity.name for quantity in quantities if isinstance(quantity, Parameter))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Every rule that could be read, by name, and everything that was wrong with the rest."""

    rules: Mapping[str, Rule]
    problems: tuple[Problem, ...] = ()
    filters: tuple[Filter, ...] = ()

    def alone(self, name: str) -> "RuleSet":
        """The rule, every rule it builds on, and those that end their alerts, without the others."""
        needed, wanted = dict[str, Rule](), [name]
        while wanted:
            rule = self.rules[wanted.pop()]
            if rule.header.name not in needed:
                needed[rule.header.name] = rule
                wanted += rule.rules if isinstance(rule, Correlation) else ()
        needed |= {key: one for key, one in self.rules.items() if isinstance(one, Detection) and one.ends in needed}
        return RuleSet(needed, (), self.filters)
