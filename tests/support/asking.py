# SPDX-License-Identifier: Apache-2.0
"""What rules ask of an event: the fields that must be there, and the texts that are taken for them."""

from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionOR
from sigma.types import SigmaExists, SigmaExpansion, SigmaNull, SigmaNumber, SigmaString, SigmaTimestampPart

from giamsat_rules.language.sigma import parsed
from giamsat_rules.load import load_documents

ALTERNATIVES = 5_000


def asked(rule):
    """Each set of fields that suffices for a rule, with the texts of which it must be one; None is any."""
    conditions = [
        condition
        for document in load_documents(rule.header.origin.file)
        if document.at() == rule.header.origin
        for condition in parsed(document)
    ]
    return [one for condition in conditions for one in _alternatives(condition)]


def _alternatives(condition):
    match condition:
        case ConditionFieldEqualsValueExpression(field=field, value=value):
            return [{field: _texts(value)}] if _must_be_there(value) else [{}]
        case ConditionAND(args=args):
            found: list[dict[str, frozenset[str] | None]] = [{}]
            for arg in args:
                found = [_both(one, other) for one in found for other in _alternatives(arg)]
                assert len(found) < ALTERNATIVES
            return found
        case ConditionOR(args=args):
            return list(_gathered(one for arg in args for one in _alternatives(arg)))
        case _:
            return [{}]


def _gathered(alternatives):
    """Alternatives that ask for one and the same field are one."""
    of_one_field: dict[str, frozenset[str] | None] = {}
    for one in alternatives:
        if len(one) != 1:
            yield one
            continue
        ((field, texts),) = one.items()
        before = of_one_field.get(field, frozenset())
        of_one_field[field] = None if before is None or texts is None else before | texts
    yield from ({field: texts} for field, texts in of_one_field.items())


def _both(one, other):
    shared = {field: texts for field, texts in other.items() if field not in one or one[field] is None}
    return one | shared


def _must_be_there(value):
    return not isinstance(value, SigmaNull) and not (isinstance(value, SigmaExists) and not bool(value))


def _texts(value):
    match value:
        case SigmaExpansion(values=values):
            each = [_texts(one) for one in values]
            return None if None in each else frozenset().union(*each)
        case SigmaString() if not value.contains_special():
            return frozenset({str(value.to_plain()).lower()})
        case SigmaNumber() if not isinstance(value, SigmaTimestampPart):
            return frozenset({str(value.number)})
        case _:
            return None
