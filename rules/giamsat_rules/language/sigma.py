# SPDX-License-Identifier: Apache-2.0
"""From documents to rules: Sigma 2.1 through pySigma, and the `giamsat:` block beside it.

giamsat:
  version: 1
  title: {vi: …, en: …}            description: {vi, en}            runbook: {vi, en}
  group-by: [source.ip]            what an alert of this detection is broken down by
  ends: a_rule                     raises nothing: it is over what that one told of the same values of group-by
  behind: {rules: [a_rule], per: unit}    an alert of that one that tells of the same stands for its own; per asset else
  history: {new: [source.ip], per: asset, within: 30d, learn: 7d}       holds only for values not seen before
  metric: {per: NAME, as: rate, lt: '%name%', for: '%name%', keep: 1h}  with logsource category metric
  absence: {of: agent, for: '%name%'}                                   with logsource category absence
  filter: {reason: …, author: …, until: 2026-12-31}                     with Sigma's filter
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sigma.conditions import SigmaCondition
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaLogSource, SigmaRule

from giamsat_rules.document import Document
from giamsat_rules.errors import Problem, UnsupportedError
from giamsat_rules.language.complexity import too_heavy
from giamsat_rules.language.correlation import read_correlation
from giamsat_rules.language.header import OWN, Block, read_header
from giamsat_rules.language.placeholder import Lists, fill
from giamsat_rules.language.quantity import comparison, needed
from giamsat_rules.matching.anchor import Condition, anchor_of, narrowings, presences, reads, told
from giamsat_rules.matching.compile import any_of, bounds, fields_of, required
from giamsat_rules.matching.pattern import POLICY
from giamsat_rules.matching.proving import proof_of
from giamsat_rules.owner import Owner
from giamsat_rules.rule import (
    AbsenceRule,
    Detection,
    Filter,
    History,
    LogSource,
    MetricRule,
    MetricView,
    Rule,
    Silence,
)

METRIC_NAME: Final = "__name__"
"""The label under which a metric rule's detection sees the metric's name, as in Prometheus."""

NO_LISTS: Final[Lists] = {}

_UTF16LE: Final = re.compile(r"\|utf16le(?=\||$)")
_OF_TEXT: Final = re.compile(r"\|(?:contains|startswith|endswith)(?=\||$)")


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule or a filter, or why there is none."""

    rule: Rule | None
    problems: tuple[Problem, ...]
    filter: Filter | None = None


def read_rule(document: Document, lists: Lists = NO_LISTS) -> Reading:
    """Understand one document; `lists` fill its placeholders."""
    block = Block(document)
    found: Rule | Filter | None = None
    try:
        found = _understand(block, lists)
    except SigmaError as error:
        block.refuse([error])
    except UnsupportedError as error:
        block.fault(f"this engine does not evaluate {error}", "write the condition without it", "detection")
    except Exception as error:  # noqa: BLE001 - a foreign parser may fail in any way; this document is refused, the rest goes on
        what = f"the rule cannot be understood ({type(error).__name__}: {str(error)[:200]})"
        block.fault(what, "compare it with a shipped rule")
    if block.problems or found is None:
        return Reading(None, tuple(block.problems))
    return Reading(None, (), found) if isinstance(found, Filter) else Reading(found, ())


def conditions_of(sigma: SigmaRule | SigmaFilter, lists: Lists) -> list[Condition | None]:
    """The parsed conditions of a rule or filter, with its placeholders filled."""
    detections = sigma.filter if isinstance(sigma, SigmaFilter) else sigma.detection
    written = detections.parsed_condition or [SigmaCondition(each, detections) for each in detections.condition]
    conditions = [condition.parsed for condition in written]
    for condition in conditions:
        fill(condition, lists)
    return conditions


def parsed(document: Document, lists: Lists = NO_LISTS) -> list[Condition | None]:
    """The conditions of a detection that has been understood before.

    Raises:
        SigmaError, UnsupportedError: it is no such document.
    """
    return conditions_of(SigmaRule.from_dict(spoken(document.value), policy=POLICY), lists)


def spoken(said: Mapping[str, object]) -> dict[str, object]:
    """A document in the words pySigma knows: utf16le has another name there, a part of a text, and an id, is a text."""
    parts = ("detection", "filter")
    return {
        key: _renamed(value) if key in parts else _as_text(value) if key == "id" else value
        for key, value in said.items()
    }


def _renamed(part: object) -> object:
    if isinstance(part, list):
        return [_renamed(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        _UTF16LE.sub("|wide", key) if isinstance(key, str) else key: _as_text(value)
        if isinstance(key, str) and _OF_TEXT.search(key)
        else _renamed(value)
        for key, value in part.items()
    }


def _as_text(value: object) -> object:
    """A number, or each of several, as the text it is written with."""
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _understand(block: Block, lists: Lists) -> Rule | Filter | None:
    said = block.document.value
    heavy = too_heavy(said)
    if heavy:
        raise UnsupportedError(heavy)
    if "correlation" in said:
        return read_correlation(block)
    if "filter" in said:
        return _filter(block, lists)
    if "action" in said:
        block.fault("rule collections with `action` are not evaluated", "write each rule out", "action")
        return None
    sigma = SigmaRule.from_dict(spoken(said), collect_errors=True, policy=POLICY)
    block.refuse(sigma.errors)
    if sigma.errors:
        return None
    source = _source(sigma.logsource)
    build = _OWN_CATEGORIES.get(source.category or "") if source.product == OWN else None
    if build:
        return build(sigma, block)
    conditions = conditions_of(sigma, lists)
    return Detection(
        header=read_header(sigma, block),
        logsource=source,
        matches=any_of(conditions),
        group_by=block.texts("group-by"),
        anchor=anchor_of(conditions),
        narrowings=narrowings(conditions),
        told=told(conditions),
        present=presences(conditions),
        bound=bounds(conditions),
        reads=reads(conditions),
        proof=proof_of(conditions),
        fields=frozenset(field for condition in conditions for field in fields_of(condition)),
        history=_history(block) if block.has("history") else None,
        ends=block.name("ends"),
        silent=block.has("ends"),
    )


def _source(said: SigmaLogSource) -> LogSource:
    return LogSource(said.product, said.category, said.service)


def _filter(block: Block, lists: Lists) -> Filter | None:
    sigma = SigmaFilter.from_dict(spoken(block.document.value), collect_errors=True, policy=POLICY)
    block.refuse(sigma.errors)
    if sigma.errors:
        return None
    said = block.part("filter") if block.has("filter") else {}
    until = said.get("until")
    if until is not None and not isinstance(until, date):
        block.fault(f"giamsat.filter.until is {until!r}", "give a date such as 2026-12-31", OWN, "filter", "until")
        return None
    references = sigma.filter.rules
    return Filter(
        header=read_header(sigma, block),
        logsource=_source(sigma.logsource),
        rules=None if isinstance(references, str) else frozenset(each.reference for each in references),
        matches=any_of(conditions_of(sigma, lists)),
        reason=str(said.get("reason") or ""),
        author=str(said.get("author") or ""),
        until_ns=_end_of(until) if until is not None else None,
    )


def _end_of(day: date) -> int:
    """When the day is over, in UTC."""
    after = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return int(after.timestamp()) * 10**9


def _history(block: Block) -> History | None:
    said = block.part("history")
    fields, per = said.get("new"), said.get("per", Owner.ASSET)
    within = needed(said.get("within"), block, "history", "within")
    learn = needed(said.get("learn", "7d"), block, "history", "learn")
    if not isinstance(fields, list) or not fields or not all(isinstance(each, str) for each in fields):
        block.fault("giamsat.history.new is not a list of fields", "write new: [source.ip]", OWN, "history", "new")
        return None
    if per not in list(Owner):
        block.fault(f"giamsat.history.per is {per!r}", f"use one of: {', '.join(Owner)}", OWN, "history", "per")
        return None
    return History(tuple(fields), Owner(str(per)), within, learn) if within is not None and learn is not None else None


def _metric(sigma: SigmaRule, block: Block) -> Rule | None:
    conditions = conditions_of(sigma, NO_LISTS)
    names = required(conditions, METRIC_NAME)
    if names is None:
        block.fault("no metric is named", f"add `{METRIC_NAME}: a_metric_name` to the selection", "detection")
    elif not names:
        what, remedy = "no metric can have all the names that are asked for", f"ask for `{METRIC_NAME}` once, as a list"
        block.fault(what, remedy, "detection")
    said = block.part("metric")
    compare, limit = comparison(said, block, "metric")
    hold = needed(said.get("for"), block, "metric", "for")
    keep = needed(said.get("keep", 0), block, "metric", "keep")
    per, view = said.get("per"), said.get("as", MetricView.VALUE)
    if view not in list(MetricView):
        block.fault(f"metric.as is {view!r}", f"use one of: {', '.join(MetricView)}", OWN, "metric", "as")
        return None
    if not names or compare is None or limit is None or hold is None or keep is None:
        return None
    return MetricRule(
        header=read_header(sigma, block),
        metrics=names,
        matches=any_of(conditions),
        per=str(per) if per else None,
        magnitude=said.get("magnitude") is True,
        comparison=compare,
        limit=limit,
        hold=hold,
        view=MetricView(str(view)),
        keep=keep,
    )


def _absence(sigma: SigmaRule, block: Block) -> Rule | None:
    said = block.part("absence")
    after = needed(said.get("for"), block, "absence", "for")
    kinds = ", ".join(Silence)
    if said.get("of") not in list(Silence):
        block.fault(f"absence of {said.get('of')!r} is not known", f"use one of: {kinds}", OWN, "absence", "of")
        return None
    return AbsenceRule(read_header(sigma, block), Silence(str(said["of"])), after) if after is not None else None


_OWN_CATEGORIES: Final[Mapping[str, Callable[[SigmaRule, Block], Rule | None]]] = {
    "metric": _metric,
    "absence": _absence,
}
