# SPDX-License-Identifier: Apache-2.0
"""From documents to rules: Sigma 2.1 through pySigma, and the `giamsat:` block beside it.

A quantity is a number or, in Sigma's notation of values that the environment supplies, `'%name%'`: a parameter of the
level pack. pySigma knows no such quantity in correlations, so it is shown a harmless number in its place.

    giamsat:
      version: 1
      title: {vi: …, en: …}            description: {vi, en}            runbook: {vi, en}
      group-by: [source.ip]            what an alert of this detection is broken down by
      metric: {per: NAME, magnitude: true, lt: '%name%', for: '%name%'}     with logsource category metric
      absence: {of: agent, for: '%name%'}                                   with logsource category absence
"""

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule, SigmaCorrelationTimespan
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from giamsat_rules.compile import ACTION, any_of, required
from giamsat_rules.document import Document
from giamsat_rules.errors import Problem, UnsupportedError
from giamsat_rules.header import Block, read_header
from giamsat_rules.rule import (
    AbsenceRule,
    Comparison,
    Correlation,
    CorrelationKind,
    Detection,
    LogSource,
    MetricRule,
    Parameter,
    Quantity,
    Rule,
    Silence,
)

METRIC_NAME: Final = "__name__"
"""The label under which a metric rule's detection sees the metric's name, as in Prometheus."""

_PLACEHOLDER: Final = re.compile(r"%([a-z][a-z0-9_]{0,63})%")
_OWN: Final = "giamsat"


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule, or why there is none."""

    rule: Rule | None
    problems: tuple[Problem, ...]


def read_rule(document: Document) -> Reading:
    """Understand one document."""
    block = Block(document)
    try:
        rule = _understand(document, block)
    except SigmaError as error:
        block.fault(_said(error), "see the Sigma 2.1 specification", *_place(error))
        rule = None
    except UnsupportedError as error:
        block.fault(f"this engine does not evaluate {error}", "write the condition without it", "detection")
        rule = None
    except Exception as error:  # noqa: BLE001 - a foreign parser may fail in any way; this document is refused, the rest goes on
        block.fault(
            f"the rule cannot be understood ({type(error).__name__}: {error})", "compare it with a shipped rule"
        )
        rule = None
    return Reading(None if block.problems else rule, tuple(block.problems))


def quantity(value: object) -> Quantity | None:
    """A number, a Sigma time span in seconds, or a parameter; None when it is none of them."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    if named := _PLACEHOLDER.fullmatch(value):
        return Parameter(named[1])
    try:
        return float(SigmaCorrelationTimespan(value).seconds)
    except SigmaError:
        return None


def _understand(document: Document, block: Block) -> Rule | None:
    if "correlation" in document.value:
        return _correlation(document, block)
    if "filter" in document.value or "action" in document.value:
        kind = "filters" if "filter" in document.value else "rule collections with `action`"
        block.fault(f"{kind} are not evaluated", "write the condition into the rule")
        return None
    sigma = SigmaRule.from_dict(dict(document.value), collect_errors=True)
    for error in sigma.errors:
        block.fault(_said(error), "see the Sigma 2.1 specification", *_place(error))
    if sigma.errors:
        return None
    source = LogSource(sigma.logsource.product, sigma.logsource.category, sigma.logsource.service)
    build = _OWN_CATEGORIES.get(source.category or "") if source.product == _OWN else None
    if build:
        return build(sigma, block)
    conditions = [condition.parsed for condition in sigma.detection.parsed_condition]
    return Detection(
        header=read_header(sigma, block),
        logsource=source,
        matches=any_of(conditions),
        actions=required(conditions, ACTION),
        group_by=block.texts("group-by"),
    )


def _metric(sigma: SigmaRule, block: Block) -> Rule | None:
    conditions = [condition.parsed for condition in sigma.detection.parsed_condition]
    names = required(conditions, METRIC_NAME)
    if not names:
        block.fault("no metric is named", f"add `{METRIC_NAME}: a_metric_name` to the selection", "detection")
    said = block.part("metric")
    comparison, limit = _comparison(said, block, "metric")
    hold = _needed(said.get("for"), block, "metric", "for")
    per = said.get("per")
    if not names or comparison is None or limit is None or hold is None:
        return None
    return MetricRule(
        header=read_header(sigma, block),
        metrics=names,
        matches=any_of(conditions),
        per=str(per) if per else None,
        magnitude=said.get("magnitude") is True,
        comparison=comparison,
        limit=limit,
        hold=hold,
    )


def _absence(sigma: SigmaRule, block: Block) -> Rule | None:
    said = block.part("absence")
    after = _needed(said.get("for"), block, "absence", "for")
    kinds = ", ".join(Silence)
    if said.get("of") not in list(Silence):
        block.fault(f"absence of {said.get('of')!r} is not known", f"use one of: {kinds}", _OWN, "absence", "of")
        return None
    return AbsenceRule(read_header(sigma, block), Silence(str(said["of"])), after) if after is not None else None


_OWN_CATEGORIES: Final[Mapping[str, Callable[[SigmaRule, Block], Rule | None]]] = {
    "metric": _metric,
    "absence": _absence,
}


def _correlation(document: Document, block: Block) -> Rule | None:
    said = document.value["correlation"]
    if not isinstance(said, dict):
        block.fault("correlation is not a map", "give type, rules, timespan and condition", "correlation")
        return None
    timespan = _needed(said.get("timespan"), block, "timespan", within="correlation")
    shown = dict(copy.copy(document.value)) | {"correlation": _without_parameters(said)}
    sigma = SigmaCorrelationRule.from_dict(shown, collect_errors=True)
    for error in sigma.errors:
        block.fault(_said(error), "see the Sigma 2.1 specification", *_place(error))
    if sigma.errors or timespan is None:
        return None
    if sigma.type.name.lower() not in list(CorrelationKind) or not isinstance(
        sigma.condition, SigmaCorrelationCondition
    ):
        raise UnsupportedError(f"correlations of type {sigma.type.name.lower()} with this condition")
    condition = said.get("condition", {"gte": sigma.condition.count})
    comparison, least = _comparison(condition, block, "condition", within="correlation")
    if comparison is None or least is None:
        return None
    if comparison not in {Comparison.GTE, Comparison.GT}:
        raise UnsupportedError(f"a correlation that waits for `{comparison}`: use gte or gt")
    names = tuple(reference.reference for reference in sigma.rules or ())
    group_by = tuple(sigma.group_by or ())
    counted = sigma.condition.fieldref
    if isinstance(counted, list):
        raise UnsupportedError("a count over several fields")
    return Correlation(
        header=read_header(sigma, block),
        kind=CorrelationKind(sigma.type.name.lower()),
        rules=names,
        group_by=group_by,
        fields={name: tuple(_field(sigma, group, name) for group in group_by) for name in names},
        timespan=timespan,
        comparison=comparison,
        least=least,
        value_field=counted,
        generate=sigma.generate,
    )


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
    condition = said.get("condition")
    if isinstance(condition, dict):
        shown["condition"] = {
            key: 1 if isinstance(quantity(value), Parameter) else value for key, value in condition.items()
        }
    return shown


def _comparison(
    said: object, block: Block, name: str, *, within: str = _OWN
) -> tuple[Comparison | None, Quantity | None]:
    """The one comparison that is said, and what it compares with."""
    given = [key for key in said if key in list(Comparison)] if isinstance(said, dict) else []
    if not isinstance(said, dict) or len(given) != 1:
        block.fault(f"{name} needs exactly one comparison", f"use one of: {', '.join(Comparison)}", within, name)
        return None, None
    return Comparison(given[0]), _needed(said[given[0]], block, name, given[0], within=within)


def _needed(value: object, block: Block, *path: str, within: str = _OWN) -> Quantity | None:
    found = quantity(value)
    if found is None:
        block.fault(
            f"{'.'.join(path)} is {value!r}", "give a number, a time such as 5m, or '%parameter%'", within, *path
        )
    return found


def _said(error: SigmaError) -> str:
    return " ".join(str(error.args[0] if error.args else error).split())


def _place(error: SigmaError) -> tuple[str, ...]:
    """The key an error of pySigma is about, by its class: it does not say where in the file it was."""
    name = type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower()
    return _PLACES.get(name, (name,))


_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "condition": ("detection", "condition"),
    "modifier": ("detection",),
    "type": ("detection",),
    "value": ("detection",),
    "regularexpression": ("detection",),
    "identifier": ("id",),
    "tag": ("tags",),
    "correlationcondition": ("correlation", "condition"),
    "correlationtype": ("correlation", "type"),
    "correlationrule": ("correlation",),
    "timespan": ("correlation", "timespan"),
}
