# SPDX-License-Identifier: Apache-2.0
"""Correlation documents to rules: Sigma's correlation types, conditions, aliases and extended conditions.

pySigma knows no parameter where it expects a number, so it is shown a harmless number in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionItem,
    CorrelationConditionNOT,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from giamsat_rules.errors import UnsupportedError
from giamsat_rules.language.header import Block, read_header
from giamsat_rules.language.quantity import comparison, needed, quantity
from giamsat_rules.rule import Combination, Comparison, Correlation, CorrelationKind, Parameter, Quantity
from giamsat_rules.satisfiability import unreachable

WITHIN: Final = "correlation"
GROWING: Final = frozenset(
    {
        CorrelationKind.EVENT_COUNT,
        CorrelationKind.VALUE_COUNT,
        CorrelationKind.VALUE_SUM,
        CorrelationKind.TEMPORAL,
        CorrelationKind.TEMPORAL_ORDERED,
    }
)
"""Kinds whose number only grows with further events, so that more than a limit stays more."""
FROM: Final = frozenset({"gt", "gte"})
TO: Final = frozenset({"lt", "lte"})
"""One of each makes a range."""
PER_CENT: Final = 100


@dataclass(frozen=True, slots=True)
class _Condition:
    """What a correlation waits for."""

    rules: tuple[str, ...]
    comparison: Comparison
    least: Quantity
    closing: bool
    fields: tuple[str, ...] = ()
    percentile: float = 50.0
    combination: Combination | None = None
    most: tuple[Comparison, Quantity] | None = None


def read_correlation(block: Block) -> Correlation | None:
    """Understand a document with the key `correlation`; None, with the reasons noted, when it holds a fault.

    Raises:
        UnsupportedError: it asks for something this engine does not evaluate.
        SigmaError: pySigma refuses it.
    """
    document = block.document
    said = document.value[WITHIN]
    if not isinstance(said, dict):
        block.fault("correlation is not a map", "give type, rules, timespan and condition", WITHIN)
        return None
    timespan = needed(said.get("timespan"), block, "timespan", within=WITHIN)
    shown = dict(document.value) | {WITHIN: _without_parameters(said)}
    sigma = SigmaCorrelationRule.from_dict(shown, collect_errors=True)
    block.refuse(sigma.errors)
    if sigma.errors or timespan is None:
        return None
    kind = CorrelationKind(sigma.type.name.lower())
    condition = _condition(sigma, kind, said, block)
    if condition is None:
        return None
    group_by = tuple(sigma.group_by or ())
    rule = Correlation(
        header=read_header(sigma, block),
        kind=kind,
        rules=condition.rules,
        group_by=group_by,
        fields={name: tuple(_field(sigma, group, name) for group in group_by) for name in condition.rules},
        timespan=timespan,
        comparison=condition.comparison,
        least=condition.least,
        value_fields=condition.fields,
        generate=sigma.generate,
        combination=condition.combination,
        percentile=condition.percentile,
        closing=condition.closing,
        most=condition.most,
    )
    why = unreachable(rule, _said)
    if why is not None:
        block.fault(f"the condition can never hold: {why}", "correct the comparison", WITHIN, "condition")
    return rule


def _condition(
    sigma: SigmaCorrelationRule, kind: CorrelationKind, said: Mapping[str, object], block: Block
) -> _Condition | None:
    if isinstance(sigma.condition, SigmaExtendedCorrelationCondition):
        tree = sigma.condition.parsed
        names = tuple(sigma.condition.get_referenced_rules())
        return _Condition(names, Comparison.GTE, 1.0, _negates(tree), combination=_combination(tree))
    names = tuple(reference.reference for reference in sigma.rules or ())
    wanted = said.get("condition", {"gte": sigma.condition.count})
    lower, upper = _ends(wanted)
    compare, least = comparison(lower, block, "condition", within=WITHIN)
    below, most = comparison(upper, block, "condition", within=WITHIN) if upper else (None, None)
    percentile = sigma.condition.percentile
    if kind is CorrelationKind.VALUE_PERCENTILE and (percentile is None or not 0 <= percentile <= PER_CENT):
        block.fault("value_percentile needs a percentile from 0 to 100", "add percentile: 95", WITHIN, "condition")
        return None
    if compare is None or least is None:
        return None
    if kind is CorrelationKind.TEMPORAL_ORDERED and compare not in {Comparison.GT, Comparison.GTE}:
        raise UnsupportedError(f"a temporal_ordered correlation that waits for `{compare}`: use gte")
    # The hundredth percentile is the greatest value, which further events can only raise.
    grows = kind in GROWING or (kind is CorrelationKind.VALUE_PERCENTILE and percentile == PER_CENT)
    return _Condition(
        rules=names,
        comparison=compare,
        least=least,
        closing=not grows or bool(upper) or compare not in {Comparison.GT, Comparison.GTE},
        fields=_fields(sigma.condition.fieldref),
        percentile=50.0 if percentile is None else float(percentile),
        most=(below, most) if below is not None and most is not None else None,
    )


def _said(quantity: Quantity) -> float | None:
    """The number itself; None for what a level pack sets, which is held against each level (`applicability`)."""
    return None if isinstance(quantity, Parameter) else quantity


def _ends(wanted: object) -> tuple[object, Mapping[str, object]]:
    """A condition as pySigma knows it, and the upper end where it says a range: nothing where it does not."""
    if not isinstance(wanted, dict):
        return wanted, {}
    upper = {key: value for key, value in wanted.items() if key in TO}
    if len(upper) != 1 or sum(key in FROM for key in wanted) != 1:
        return wanted, {}
    return {key: value for key, value in wanted.items() if key not in TO}, upper


def _fields(said: str | list[str] | None) -> tuple[str, ...]:
    if said is None:
        return ()
    return (said,) if isinstance(said, str) else tuple(map(str, said))


def _combination(tree: CorrelationConditionItem | SigmaRuleReference) -> Combination:
    """An extended condition as a test of the names of rules that were met."""
    if isinstance(tree, SigmaRuleReference):
        name = tree.reference
        return lambda met: name in met
    tests = [_combination(arg) for arg in tree.args]
    if isinstance(tree, CorrelationConditionNOT):
        (inner,) = tests
        return lambda met: not inner(met)
    if isinstance(tree, CorrelationConditionAND):
        return lambda met: all(test(met) for test in tests)
    return lambda met: any(test(met) for test in tests)


def _negates(tree: CorrelationConditionItem | SigmaRuleReference) -> bool:
    if isinstance(tree, SigmaRuleReference):
        return False
    return isinstance(tree, CorrelationConditionNOT) or any(map(_negates, tree.args))


def _field(sigma: SigmaCorrelationRule, group: str, rule: str) -> str:
    """The field of `rule`'s events that stands for `group`."""
    alias = sigma.aliases.aliases.get(group)
    if alias is None:
        return group
    return next((field for reference, field in alias.mapping.items() if reference.reference == rule), group)


def _without_parameters(said: Mapping[str, object]) -> dict[str, object]:
    shown = dict(said)
    if isinstance(quantity(said.get("timespan")), Parameter):
        shown["timespan"] = "1s"
    condition, _ = _ends(said.get("condition"))
    if isinstance(condition, dict):
        shown["condition"] = {
            key: 1 if isinstance(quantity(value), Parameter) else value for key, value in condition.items()
        }
    return shown
