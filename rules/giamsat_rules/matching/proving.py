# SPDX-License-Identifier: Apache-2.0
"""What the index finds out by itself: that a text contains a word need not be asked once the word was found in it."""

import re
from collections.abc import Sequence
from typing import Final

from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionOR
from sigma.types import SigmaExpansion, SigmaString, SigmaType, SpecialChars

from giamsat_rules.matching.anchor import Condition, conjuncts
from giamsat_rules.matching.compile import all_of
from giamsat_rules.matching.pattern import is_cased
from giamsat_rules.matching.required import SHORTEST
from giamsat_rules.matching.taxonomy import EVERY, names
from giamsat_rules.proof import Proof

_LITERAL: Final = re.compile(rf"[\x20-\x7e]{{{SHORTEST},}}")
"""Texts that scanners look for."""


def proof_of(conditions: Sequence[Condition | None]) -> Proof | None:
    """What finding literals in one field spares a condition; None where that is nothing."""
    if len(conditions) != 1:
        return None
    parts = [(part, _contents(part)) for part in conjuncts(conditions[0])]
    field = next((found[0] for _, found in parts if found is not None), None)
    if field is None:
        return None
    literals = tuple([found[1] for _, found in parts if found is not None and found[0] == field])
    return Proof(names(field), literals, all_of([part for part, found in parts if found is None or found[0] != field]))


def _contents(condition: object) -> tuple[str, frozenset[str]] | None:
    """The field that has to contain one of some literals, where that is all a condition says."""
    match condition:
        case ConditionFieldEqualsValueExpression() if condition.field not in EVERY:
            literals = _literals(condition.value)
            return (condition.field, literals) if literals else None
        case ConditionOR():
            found = [_contents(arg) for arg in condition.args]
            whole = [each for each in found if each is not None]
            alike = len(whole) == len(found) and len({field for field, _ in whole}) == 1
            return (whole[0][0], frozenset[str]().union(*(literals for _, literals in whole))) if alike else None
        case _:
            return None


def _literals(value: SigmaType) -> frozenset[str]:
    """The literals one of which a text has to contain, and nothing more than that; none where more is asked for."""
    match value:
        case SigmaExpansion():
            each = [_literals(one) for one in value.values]
            return frozenset[str]().union(*each) if all(each) else frozenset()
        case SigmaString(s=(SpecialChars.WILDCARD_MULTI, str(text), SpecialChars.WILDCARD_MULTI)):
            return frozenset({text.lower()}) if _LITERAL.fullmatch(text) and not is_cased(value) else frozenset()
        case _:
            return frozenset()
