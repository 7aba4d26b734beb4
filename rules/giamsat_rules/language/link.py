# SPDX-License-Identifier: Apache-2.0
"""Rules that name each other: correlations find what they build on, detections the filters that apply to them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from giamsat_rules.errors import Problem
from giamsat_rules.rule import Correlation, Detection, Filter, LogSource, Rule

TELLER: Final = ("event.provider", "log.source.address")
"""Who told of something: what one can send in another's name must not end what that one told of."""


def linked(rules: Mapping[str, Rule], filters: Iterable[Filter], problems: list[Problem]) -> dict[str, Rule]:
    """Let correlations name rules by name or id, drop those built on nothing, and silence what they build on."""
    names = {rule.header.id: name for name, rule in rules.items() if rule.header.id} | {name: name for name in rules}
    found: dict[str, Rule] = {name: rule for name, rule in rules.items() if not isinstance(rule, Correlation)}
    waiting = [_by_name(rule, names) for rule in rules.values() if isinstance(rule, Correlation)]
    # What stands only on rules that stand already can stand; what remains names nothing, or itself in a circle.
    while standing := [rule for rule in waiting if all(each in found for each in rule.rules)]:
        found |= {rule.header.name: rule for rule in standing}
        waiting = [rule for rule in waiting if rule.header.name not in found]
    for rule in waiting:
        missing = ", ".join(each for each in rule.rules if each not in found)
        what = (
            f"the correlation {rule.header.name!r} builds on {missing}, which is no rule here or builds on it in turn"
        )
        problems.append(Problem(rule.header.origin, what, "load the rules it builds on together with it"))
    correlations = [rule for rule in found.values() if isinstance(rule, Correlation) and not rule.generate]
    for name in {each for rule in correlations for each in rule.rules}:
        base = found[name]
        if isinstance(base, Detection | Correlation):
            found[name] = replace(base, silent=True)
    _end(found, names, problems)
    for each in filters:
        _filter(found, each, names, problems)
    return found


def _end(found: dict[str, Rule], names: Mapping[str, str], problems: list[Problem]) -> None:
    """Let those that end alerts name the rule by name or id; drop those that could end none."""
    for name, rule in list(found.items()):
        if not isinstance(rule, Detection) or not rule.ends:
            continue
        other = found.get(names.get(rule.ends, rule.ends))
        alike = isinstance(other, Detection) and other.group_by == rule.group_by and set(TELLER) <= set(rule.group_by)
        if alike and isinstance(other, Detection) and not other.silent:
            found[name] = replace(rule, ends=other.header.name)
            continue
        del found[name]
        what = f"{name!r} ends {rule.ends!r}, which is no rule here that raises something, or has not the same group-by"
        remedy = f"name a detection, and group both by the same, which names {' and '.join(TELLER)}"
        problems.append(Problem(rule.header.origin, what, remedy))


def _by_name(rule: Correlation, names: Mapping[str, str]) -> Correlation:
    by_name = tuple(names.get(each, each) for each in rule.rules)
    fields = {names.get(each, each): fields for each, fields in rule.fields.items()}
    combination = rule.combination
    if combination is not None:
        said = dict(zip(by_name, rule.rules, strict=True))
        return replace(
            rule, rules=by_name, fields=fields, combination=lambda met: combination({said[each] for each in met})
        )
    return replace(rule, rules=by_name, fields=fields)


def _filter(found: dict[str, Rule], each: Filter, names: Mapping[str, str], problems: list[Problem]) -> None:
    """Hand the filter to the detections it names, as far as their log source is its own."""
    wanted = None if each.rules is None else {names.get(name, name) for name in each.rules}
    applied = 0
    for name, rule in found.items():
        if not isinstance(rule, Detection) or (wanted is not None and name not in wanted):
            continue
        if _within(rule.logsource, each.logsource):
            found[name] = replace(rule, filters=(*rule.filters, each))
            applied += 1
    if not applied:
        what = f"the filter {each.header.name!r} applies to no rule here"
        problems.append(Problem(each.header.origin, what, "name rules of its log source that are loaded with it"))


def _within(narrow: LogSource, wide: LogSource) -> bool:
    return all(
        wanted is None or wanted == said
        for wanted, said in (
            (wide.product, narrow.product),
            (wide.category, narrow.category),
            (wide.service, narrow.service),
        )
    )
