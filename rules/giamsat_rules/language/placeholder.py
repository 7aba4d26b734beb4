# SPDX-License-Identifier: Apache-2.0
"""Sigma's placeholders (modifier `expand`): texts like `%admins%` in values, filled from lists that a site keeps."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionItem, ConditionValueExpression
from sigma.types import Placeholder, SigmaCasedString, SigmaExpansion, SigmaRegularExpression, SigmaString, SigmaType

from giamsat_rules.errors import UnsupportedError

Lists: TypeAlias = Mapping[str, tuple[str, ...]]
"""Texts by the name of their list."""


def fill(condition: object, lists: Lists) -> None:
    """Put the lists in the place of the placeholders in a parsed condition.

    Raises:
        UnsupportedError: there is no list of that name.
    """
    match condition:
        case ConditionFieldEqualsValueExpression() | ConditionValueExpression():
            condition.value = _filled(condition.value, lists)
        case ConditionItem():
            for arg in condition.args:
                fill(arg, lists)
        case _:
            return


def _filled(value: SigmaType, lists: Lists) -> SigmaType:
    def texts(placeholder: Placeholder) -> Iterator[str]:
        if placeholder.name not in lists:
            raise UnsupportedError(
                f"the placeholder %{placeholder.name}%, which has no list (give {placeholder.name} in lists.yml)"
            )
        yield from lists[placeholder.name]

    match value:
        case SigmaExpansion():
            return SigmaExpansion([_filled(each, lists) for each in value.values])
        case SigmaCasedString() if value.contains_placeholder():
            plain = value.replace_placeholders(texts)
            return SigmaExpansion([SigmaCasedString.from_sigma_string(each) for each in plain])
        case SigmaString() | SigmaRegularExpression() if value.contains_placeholder():
            return SigmaExpansion(list(value.replace_placeholders(texts)))
        case _:
            return value
