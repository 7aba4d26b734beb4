# SPDX-License-Identifier: Apache-2.0
"""Why a rule did not fire: the first part of its condition that was false, and what the event held instead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import SigmaExpansion, SigmaType

from giamsat_rules.level import LevelPack
from giamsat_rules.matching.anchor import Condition
from giamsat_rules.matching.compile import compile_condition
from giamsat_rules.matching.logsource import SAID, source_of
from giamsat_rules.matching.taxonomy import getter, names
from giamsat_rules.rule import Detection, Fields
from giamsat_rules.verdict import Occurrence

SHOWN: Final = 200
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What kept a rule from firing on an event. `field` is None when it is not about one; `seen` None when absent."""

    what: str
    field: str | None = None
    wanted: str = ""
    seen: str | None = None

    def as_json(self, line: int | None) -> dict[str, object]:
        """The shape that is printed."""
        return {
            "line": line,
            "fires": False,
            "what": self.what,
            "field": self.field,
            "wanted": self.wanted,
            "seen": self.seen,
        }


def why_not(
    rule: Detection, conditions: Iterable[Condition | None], occurrence: Occurrence, pack: LevelPack
) -> Reason | None:
    """The first thing that keeps the rule from firing on the event; None when it fires."""
    fields = occurrence.timed
    if not pack.profile(occurrence.subject.level).judges(rule.header.name):
        return Reason(f"level {occurrence.subject.level or 'unclassified'} does not judge this rule")
    source = source_of(fields)
    if not source.admits(rule.logsource):
        wanted = ", ".join(f"{name}: {said}" for name, said in _said(rule))
        return Reason("the event comes from another log source", "logsource", wanted, _source(fields))
    reasons = [_reason(condition, fields) for condition in conditions]
    if reasons and all(reason is not None for reason in reasons):
        return reasons[0]
    for each in rule.filters:
        if (each.until_ns is None or occurrence.at_ns < each.until_ns) and not each.matches(fields):
            return Reason(f"the filter {each.header.name} hides it", None, each.reason)
    return None


def _reason(condition: object, fields: Fields) -> Reason | None:
    """The first false part, depth first; None when the condition holds."""
    if not isinstance(condition, Condition) or compile_condition(condition)(fields):
        return None
    match condition:
        case ConditionAND():
            return next(found for arg in condition.args if (found := _reason(arg, fields)) is not None)
        case ConditionOR():
            return _alternatives(condition, fields)
        case ConditionNOT():
            return _excluded(condition.args[0], fields)
        case ConditionFieldEqualsValueExpression():
            return _of_field(condition.field, [condition.value], fields)
        case _:
            return Reason("no field holds the keyword", None, _written(getattr(condition, "value", None)))


def _alternatives(condition: ConditionOR, fields: Fields) -> Reason:
    """Alternatives about one field are told as one; of others, the first is told."""
    about = {arg.field for arg in condition.args if isinstance(arg, ConditionFieldEqualsValueExpression)}
    if len(about) == 1 and all(isinstance(arg, ConditionFieldEqualsValueExpression) for arg in condition.args):
        values = [arg.value for arg in condition.args if isinstance(arg, ConditionFieldEqualsValueExpression)]
        return _of_field(about.pop(), values, fields)
    if all(isinstance(arg, ConditionValueExpression) for arg in condition.args):
        wanted = ", ".join(_written(arg.value) for arg in condition.args if isinstance(arg, ConditionValueExpression))
        return Reason("no field holds one of the keywords", None, wanted[:SHOWN])
    first = next(found for arg in condition.args if (found := _reason(arg, fields)) is not None)
    return Reason(
        f"none of {len(condition.args)} alternatives holds; of the first: {first.what}",
        first.field,
        first.wanted,
        first.seen,
    )


def _excluded(condition: object, fields: Fields) -> Reason:
    """What makes an exclusion hold."""
    for leaf in _leaves(condition):
        if isinstance(leaf, ConditionFieldEqualsValueExpression) and compile_condition(leaf)(fields):
            told = _of_field(leaf.field, [leaf.value], fields)
            return Reason("an exclusion of the rule holds", told.field, f"not {told.wanted}", told.seen)
    return Reason("an exclusion of the rule holds")


def _leaves(condition: object) -> Iterator[object]:
    args = getattr(condition, "args", None)
    if args is None or isinstance(condition, ConditionFieldEqualsValueExpression | ConditionValueExpression):
        yield condition
        return
    for arg in args:
        yield from _leaves(arg)


def _of_field(field: str, values: list[SigmaType], fields: Fields) -> Reason:
    seen = getter(field)(fields)
    wanted = ", ".join(map(_written, values))[:SHOWN]
    if seen is None:
        also = f" (nor as {', '.join(names(field)[1:])})" if len(names(field)) > 1 else ""
        return Reason(f"the event has no field {field}{also}", field, wanted)
    return Reason(f"{field} does not match", field, wanted, str(seen)[:SHOWN])


def _written(value: object) -> str:
    if isinstance(value, SigmaExpansion):
        return ", ".join(map(_written, value.values))
    for name in ("original", "regexp", "cidr", "number", "boolean"):
        said = getattr(value, name, None)
        if said is not None:
            return str(value) if name == "original" else str(said)
    return str(value)


def _said(rule: Detection) -> Iterator[tuple[str, str]]:
    for name in ("product", "category", "service"):
        said = getattr(rule.logsource, name)
        if said:
            yield name, said


def _source(fields: Fields) -> str:
    shown = ("event.category", "host.os.type", "Channel", "EventID", *SAID)
    return ", ".join(f"{name}: {fields[name]}" for name in shown if name in fields)[:SHOWN]
