# SPDX-License-Identifier: Apache-2.0
"""From a parsed Sigma condition to a closure over an event's fields. Nothing is ever evaluated as code.

Text compares without regard to case unless `cased` is said; a field with several values matches when one of them does;
a value that is absent or null equals only null.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import SigmaFieldReference, SigmaRegularExpression, SigmaString, SigmaType, SpecialChars

from giamsat_rules.errors import UnsupportedError
from giamsat_rules.matching.anchor import CATEGORICAL, TELLING, Condition, conjuncts
from giamsat_rules.matching.value import keyword_test, value_test, values_test
from giamsat_rules.rule import Fields, Predicate

Joining: TypeAlias = Callable[[Sequence[frozenset[str]]], frozenset[str]]
"""The texts a field is bound to when each of several conditions binds it."""


def compile_condition(condition: Condition | None) -> Predicate:
    """The test of one condition.

    Raises:
        UnsupportedError: a part of it is not supported.
    """
    match condition:
        case ConditionAND():
            return all_of(conjuncts(condition))
        case ConditionOR():
            return _any(list(_alternatives(condition.args)))
        case ConditionNOT():
            (inner,) = _compiled(condition.args)
            return lambda fields: not inner(fields)
        case ConditionFieldEqualsValueExpression():
            return value_test(condition.field, condition.value)
        case ConditionValueExpression():
            return keyword_test(condition.value)
        case _:
            raise UnsupportedError("a condition without any test")


def all_of(parts: Iterable[object]) -> Predicate:
    """The test that all of these hold, what costs least first; of none, that is always so.

    Raises:
        UnsupportedError: one of them is not supported.
    """
    return _every(_compiled(sorted(parts, key=_place)))


def any_of(conditions: Sequence[Condition | None]) -> Predicate:
    """The test that one of a rule's conditions holds."""
    return _any([compile_condition(condition) for condition in conditions])


def bounds(conditions: Sequence[Condition | None]) -> dict[str, frozenset[str]]:
    """The fields with few different values that the conditions bind, each to texts in lower case."""
    found = ((field, _among(conditions, field, _smallest)) for field in sorted(CATEGORICAL))
    return {field: frozenset(map(str.lower, texts)) for field, texts in found if texts is not None}


def required(conditions: Iterable[Condition | None], field: str) -> frozenset[str] | None:
    """The only texts `field`, which has one value, can be when one of the conditions holds; None when not bound."""
    return _among(conditions, field, _shared)


def _among(conditions: Iterable[Condition | None], field: str, both: Joining) -> frozenset[str] | None:
    return _union(_required(condition, field, both) for condition in conditions)


def _shared(bound: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*bound)


def _smallest(bound: Sequence[frozenset[str]]) -> frozenset[str]:
    """Not what they share: of a field with several values, each conjunct may hold for another."""
    return min(bound, key=len)


def _required(condition: Condition | None, field: str, both: Joining) -> frozenset[str] | None:
    match condition:
        case ConditionFieldEqualsValueExpression(value=SigmaString() as text) if condition.field == field:
            plain = not any(isinstance(part, SpecialChars) for part in text.s)
            return frozenset({str(text.s[0]) if text.s else ""}) if plain else None
        case ConditionAND():
            bound = [found for arg in condition.args if (found := _required(_known(arg), field, both)) is not None]
            return both(bound) if bound else None
        case ConditionOR():
            return _union(_required(_known(arg), field, both) for arg in condition.args)
        case _:
            return None


def _union(bound: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """The union; None as soon as one alternative is not bound."""
    everything: frozenset[str] = frozenset()
    for values in bound:
        if values is None:
            return None
        everything |= values
    return everything


def _known(arg: object) -> Condition | None:
    kinds = (ConditionItem, ConditionFieldEqualsValueExpression, ConditionValueExpression)
    return arg if isinstance(arg, kinds) else None


def _compiled(args: Iterable[object]) -> list[Predicate]:
    return [compile_condition(_known(arg)) for arg in args]


def _alternatives(args: Iterable[object]) -> Iterator[Predicate]:
    """The tests of alternatives; those about one field are one test."""
    by_field: dict[str, list[SigmaType]] = {}
    for arg in args:
        if isinstance(arg, ConditionFieldEqualsValueExpression):
            by_field.setdefault(arg.field, []).append(arg.value)
        else:
            yield compile_condition(_known(arg))
    for field, values in by_field.items():
        yield values_test(field, values) if len(values) > 1 else value_test(field, values[0])


def fields_of(condition: object) -> Iterator[str]:
    """Every field the condition asks for."""
    match condition:
        case ConditionFieldEqualsValueExpression():
            yield condition.field
            if isinstance(condition.value, SigmaFieldReference):
                yield condition.value.field
        case ConditionItem():
            for arg in condition.args:
                yield from fields_of(arg)
        case _:
            return


def _place(condition: object) -> int:
    """Where a test stands among those that must all hold: what costs much comes late.

    Last come tests on telling fields: the index lets hardly any event pass that fails one of them.
    """
    match condition:
        case ConditionFieldEqualsValueExpression():
            expression = isinstance(condition.value, SigmaRegularExpression)
            return 3 if condition.field in TELLING else 2 if expression else 0
        case ConditionItem():
            return max(map(_place, condition.args), default=0)
        case _:
            return 1


def _every(tests: Sequence[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]

    def test(fields: Fields) -> bool:
        for each in tests:  # noqa: SIM110 - a generator for all() costs more than the tests themselves
            if not each(fields):
                return False
        return True

    return test


def _any(tests: Sequence[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]

    def test(fields: Fields) -> bool:
        for each in tests:  # noqa: SIM110 - a generator for any() costs more than the tests themselves
            if each(fields):
                return True
        return False

    return test
