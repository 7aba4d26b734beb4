# SPDX-License-Identifier: Apache-2.0
"""What an event must have before a rule can hold: how the index knows which rules to show an event to.

An anchor is a disjunction: one of some literals in the event's text, one of some exact values, or one of some fields.
It is necessary and not sufficient; a rule for which none can be found is shown every event.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from giamsat_rules.matching.logsource import ORIGIN, PROGRAM
from giamsat_rules.matching.required import MOST, SHORTEST, frequency, required
from giamsat_rules.matching.taxonomy import names
from giamsat_rules.rule import Anchor
from giamsat_rules.verdict import TIME

Names: TypeAlias = frozenset[str]
Condition: TypeAlias = ConditionItem | ConditionFieldEqualsValueExpression | ConditionValueExpression

CATEGORICAL: Final = frozenset(
    {"event.action", "event.category", "event.kind", "event.outcome", "event.type", "event.provider", "event.module"}
)
"""Fields with few different values: looked up by value, because their words stand in almost every event's text."""

TELLING: Final = CATEGORICAL.union(ORIGIN, {PROGRAM, "Image"})
"""Fields whose values come again and again: what is asked of them alone is decided once for all events like it."""

TELLS: Final = 4
"""The shortest text that rules out more, beside an anchor, than looking for it costs: shorter ones stand everywhere."""

# Outside ASCII, the lower case of a character may depend on its neighbours or be longer: a literal is cut there.
_RUN: Final = re.compile(r"[\x20-\x7e]+")
_ANY: Final = ""


def cost(anchor: Anchor) -> float:
    """How many events are likely to meet the anchor, on no scale in particular."""
    categorical = sum(name in CATEGORICAL for name, _ in anchor.values)
    return frequency(anchor.literals) + 4 * len(anchor.values) + 12 * categorical + 50 * len(anchor.fields)


def anchor_of(conditions: Iterable[Condition | None]) -> Anchor | None:
    """What one of the conditions needs; None when an event may hold anything."""
    return _union(_anchor(condition) for condition in conditions)


def narrowings(conditions: Sequence[Condition | None]) -> tuple[frozenset[str], ...]:
    """Sets of literals of each of which one stands in every event for which the condition holds.

    They rule out most of what an anchor lets through, at the price of one look-up each; the rarest come first.
    """
    if len(conditions) != 1:
        return ()
    anchors = (_anchor(part) for part in conjuncts(conditions[0]))
    sets = {each.literals for each in anchors if each and not each.values and not each.fields}
    worth = (each for each in sets if len(each) <= MOST and min(map(len, each)) >= TELLS)
    return tuple(sorted(worth, key=lambda each: (frequency(each), *sorted(each))))


def told(conditions: Sequence[Condition | None]) -> frozenset[str]:
    """Literals of which one stands in a telling field of every event for which the condition holds; empty for none."""
    if len(conditions) != 1:
        return frozenset()
    parts = [part for part in conjuncts(conditions[0]) if TELLING.issuperset(_asked(part))]
    anchors = [each for part in parts if (each := _anchor(part)) and not each.values and not each.fields]
    return min(anchors, key=lambda each: (cost(each), *sorted(each.literals)), default=Anchor()).literals


def reads(conditions: Iterable[Condition | None]) -> Names | None:
    """The fields in which literals of the anchor and the narrowings may stand; None for any field."""
    asked = frozenset(name for condition in conditions for name in _asked(condition))
    return None if _ANY in asked else asked


def _asked(condition: object) -> Iterator[str]:
    """Every name of every field that has to be so, not of what must not; of what is about no field, `_ANY`."""
    match condition:
        case ConditionNOT():
            return
        case ConditionFieldEqualsValueExpression():
            yield from names(condition.field)
        case ConditionItem():
            for arg in condition.args:
                yield from _asked(arg)
        case _:
            yield _ANY


def presences(conditions: Iterable[Condition | None]) -> frozenset[Names]:
    """Sets of fields of each of which an event must have one for one of the conditions to hold."""
    return frozenset(each for each in _one_of(_presences(condition) for condition in conditions) if TIME not in each)


def _presences(condition: object) -> frozenset[Names]:
    match condition:
        case ConditionFieldEqualsValueExpression():
            return _of_presence(condition.field, condition.value)
        case ConditionAND():
            return frozenset[Names]().union(*map(_presences, condition.args))
        case ConditionOR():
            return _one_of(map(_presences, condition.args))
        case _:
            return frozenset()


def _of_presence(field: str, value: SigmaType) -> frozenset[Names]:
    match value:
        case SigmaNull():
            return frozenset()
        case SigmaExists() if not bool(value):
            return frozenset()
        case SigmaExpansion():
            return _one_of(_of_presence(field, each) for each in value.values)
        case SigmaFieldReference():
            return frozenset({frozenset(names(field)), frozenset(names(value.field))})
        case _:
            return frozenset({frozenset(names(field))})


def _one_of(alternatives: Iterable[frozenset[Names]]) -> frozenset[Names]:
    """What every alternative needs, or else one thing that each needs, together."""
    each = list(alternatives)
    if not each or not all(each):
        return frozenset()
    common = frozenset[Names].intersection(*each)
    return common or frozenset(
        {frozenset[str]().union(*(min(some, key=lambda one: (len(one), *sorted(one))) for some in each))}
    )


def conjuncts(condition: object) -> Iterator[object]:
    """What must all hold for the condition to hold."""
    if isinstance(condition, ConditionAND):
        for arg in condition.args:
            yield from conjuncts(arg)
    else:
        yield condition


def _anchor(condition: object) -> Anchor | None:
    match condition:
        case ConditionFieldEqualsValueExpression():
            # Every event has a time, which is not looked at before a rule asks for it.
            return _of_value(condition.field, condition.value) if condition.field != TIME else None
        case ConditionValueExpression():
            return _of_keyword(condition.value)
        case ConditionAND():
            found = [anchor for arg in condition.args if (anchor := _anchor(arg)) is not None]
            return min(found, key=cost) if found else None
        case ConditionOR():
            return _union(_anchor(arg) for arg in condition.args)
        case _:
            return None


def _of_exact(field: str, value: float | str) -> Anchor:
    return Anchor(values=frozenset((name, value) for name in names(field)))


def _of_value(field: str, value: SigmaType) -> Anchor | None:
    if isinstance(value, SigmaNull) or (isinstance(value, SigmaExists) and not bool(value)):
        return None
    match value:
        case SigmaExpansion():
            return _union(_of_value(field, each) for each in value.values)
        case SigmaString() if field in CATEGORICAL and not any(isinstance(part, SpecialChars) for part in value.s):
            return _of_exact(field, str(value.to_plain()).lower())
        case SigmaString() | SigmaRegularExpression() if literals := _literals(value):
            return Anchor(literals=literals)
        case SigmaNumber() if not isinstance(value, SigmaTimestampPart):
            return _of_exact(field, float(value.number))
        case _:
            return Anchor(fields=frozenset(names(field)))


def _of_keyword(value: SigmaType) -> Anchor | None:
    match value:
        case SigmaExpansion():
            return _union(_of_keyword(each) for each in value.values)
        case SigmaString() | SigmaRegularExpression() if literals := _literals(value):
            return Anchor(literals=literals)
        case SigmaNumber() if len(str(value.number)) >= SHORTEST:
            return Anchor(literals=frozenset({str(value.number).lower()}))
        case _:
            return None


def _literals(value: SigmaString | SigmaRegularExpression) -> frozenset[str] | None:
    """Texts of which one stands in every match: of a pattern the longest run of plain text."""
    if isinstance(value, SigmaRegularExpression):
        return required(value.escape(escape_escape_char=False))
    runs = [run for part in value.s if isinstance(part, str) for run in _RUN.findall(part)]
    longest = max(runs, key=len, default="")
    return frozenset({longest.lower()}) if len(longest) >= SHORTEST else None


def _union(anchors: Iterable[Anchor | None]) -> Anchor | None:
    """The union; None as soon as one alternative needs nothing."""
    everything = Anchor()
    for anchor in anchors:
        if anchor is None:
            return None
        everything |= anchor
    return everything
