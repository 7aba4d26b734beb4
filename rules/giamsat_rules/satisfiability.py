# SPDX-License-Identifier: Apache-2.0
"""Which numbers the condition of a correlation can be met by: one that nothing can meet is no rule."""

from collections.abc import Callable
from itertools import chain, combinations
from typing import Final

from giamsat_rules.rule import Comparison, Correlation, CorrelationKind, Quantity

PENDING: Final = 512
"""Occurrences one group keeps while none of its windows is full: the oldest go first."""
NUMERIC: Final = frozenset(
    {
        CorrelationKind.VALUE_SUM,
        CorrelationKind.VALUE_AVG,
        CorrelationKind.VALUE_MEDIAN,
        CorrelationKind.VALUE_PERCENTILE,
    }
)
"""Kinds that compute with values instead of counting them."""
OF_RULES: Final = frozenset({CorrelationKind.TEMPORAL, CorrelationKind.TEMPORAL_ORDERED})
"""Kinds that count rules."""
RULES: Final = 10
"""An extended condition on more rules is not tried with every set of them."""


def unreachable(rule: Correlation, value: Callable[[Quantity], float | None]) -> str | None:
    """Why no events can ever meet the rule's condition; None when some may.

    `value` says what a quantity stands for, None where that is not known.
    """
    if rule.combination is not None:
        return None if _combines(rule) else "no set of the rules it names meets it"
    said = [(rule.comparison, rule.least), *([rule.most] if rule.most else [])]
    ends = [(compare, end) for compare, quantity in said if (end := value(quantity)) is not None]
    if not ends or any(all(compare.holds(number, end) for compare, end in ends) for number in _numbers(rule, ends)):
        return None
    wanted = " and ".join(f"{compare} {end:g}" for compare, end in ends)
    if rule.kind in NUMERIC:
        return f"no number is {wanted}"
    return f"no whole number from 1 to {_most(rule)} is {wanted}"


def _numbers(rule: Correlation, ends: list[tuple[Comparison, float]]) -> list[float]:
    """Numbers of which one meets the condition if any does."""
    if rule.kind not in NUMERIC:
        return list(map(float, range(1, _most(rule) + 1)))
    limits = [end for _, end in ends]
    middle = sum(end / len(limits) for end in limits)
    return [min(limits) - abs(min(limits)) - 1, *limits, middle, max(limits) + abs(max(limits)) + 1]


def _most(rule: Correlation) -> int:
    """The greatest number there is to count."""
    return len(set(rule.rules)) if rule.kind in OF_RULES else PENDING


def _combines(rule: Correlation) -> bool:
    names = sorted(set(rule.rules))
    if rule.combination is None or len(names) > RULES:
        return True
    sets = chain.from_iterable(combinations(names, count) for count in range(1, len(names) + 1))
    return any(map(rule.combination, sets))
