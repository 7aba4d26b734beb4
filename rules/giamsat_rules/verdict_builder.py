# SPDX-License-Identifier: Apache-2.0
"""From a finding to a verdict: the words of the rule, the numbers of the level, the events as evidence."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from giamsat_rules.behind import BESIDE
from giamsat_rules.level import Profile
from giamsat_rules.rule import (
    AbsenceRule,
    Correlation,
    Detection,
    Fields,
    MetricRule,
    Parameter,
    Quantity,
    Rule,
)
from giamsat_rules.verdict import Change, Occurrence, Subject, Verdict

EVIDENCE: Final = 20
"""Occurrences whose fields a verdict carries when it is raised."""
USERS: Final = 20
"""Accounts that a verdict names."""


def ended(rules: Iterable[Detection]) -> Iterator[tuple[str, tuple[Detection, Change]]]:
    """By its name, of each rule that says when an alert is over: the rule whose alert that is, and what it says."""
    known = {rule.header.name: rule for rule in rules}
    for name, rule in known.items():
        if rule.ends in known:
            yield name, (known[rule.ends], "ended")


def from_event(
    rule: Detection, profile: Profile, event: Occurrence, *, group: Mapping[str, str], change: Change
) -> Verdict:
    """What `from_occurrences` says of one event of a detection, at less cost: an attack makes many."""
    header, user, ref = rule.header, event.fields.get(BESIDE), event.ref
    return Verdict(
        rule=header.name,
        rule_version=header.version,
        kind="match",
        change=change,
        title_vi=header.title.vi,
        title_en=header.title.en,
        severity=header.severity,
        subject=event.subject,
        group=group,
        count=0 if change == "ended" else 1,
        first_ns=event.at_ns,
        last_ns=event.at_ns,
        threshold=thresholds(rule, profile) if rule.history else {},
        profile=profile.hash,
        techniques=header.techniques,
        evidence=(event.fields,) if change == "raised" else (),
        late=event.late,
        refs=() if ref is None else (ref,),
        users=(user,) if isinstance(user, str) and user and BESIDE not in group else (),
    )


def from_occurrences(
    rule: Detection | Correlation,
    profile: Profile,
    occurrences: tuple[Occurrence, ...],
    *,
    group: Mapping[str, str],
    change: Change,
) -> Verdict:
    """What events in order of event time say: a match for a detection, an alert for a correlation. An end counts 0."""
    header = rule.header
    return Verdict(
        rule=header.name,
        rule_version=header.version,
        kind="match" if isinstance(rule, Detection) else "alert",
        change=change,
        title_vi=header.title.vi,
        title_en=header.title.en,
        severity=header.severity,
        subject=occurrences[-1].subject,
        group=group,
        count=0 if change == "ended" else len(occurrences),
        first_ns=occurrences[0].at_ns,
        last_ns=occurrences[-1].at_ns,
        threshold=thresholds(rule, profile),
        profile=profile.hash,
        techniques=header.techniques,
        evidence=tuple([each.fields for each in occurrences[:EVIDENCE]]) if change == "raised" else (),
        late=True in [each.late for each in occurrences],
        refs=tuple([each.ref for each in occurrences if each.ref is not None]),
        users=() if BESIDE in group else _users(occurrences),
    )


def _users(occurrences: Iterable[Occurrence]) -> tuple[str, ...]:
    """The accounts that these name; who tries many of them names no more than so many."""
    named = {user: None for each in occurrences if isinstance(user := each.fields.get(BESIDE), str) and user}
    return tuple(named)[:USERS]


def from_condition(
    rule: MetricRule | AbsenceRule,
    profile: Profile,
    subject: Subject,
    *,
    group: Mapping[str, str],
    change: Change,
    since_ns: int,
    now_ns: int,
    evidence: Fields | None = None,
) -> Verdict:
    """What readings or silence say. Cleared adds no count: it says that the condition is over for the whole asset."""
    header = rule.header
    return Verdict(
        rule=header.name,
        rule_version=header.version,
        kind="alert",
        change=change,
        title_vi=header.title.vi,
        title_en=header.title.en,
        severity=header.severity,
        subject=subject,
        group=group,
        count=0 if change == "cleared" else 1,
        first_ns=since_ns,
        last_ns=now_ns,
        threshold=thresholds(rule, profile),
        profile=profile.hash,
        techniques=header.techniques,
        evidence=(evidence,) if evidence else (),
    )


def thresholds(rule: Rule, profile: Profile) -> dict[str, float]:
    """The numbers a rule is judged by at a level: by parameter name, or by the rule's own word for plain numbers."""
    quantities: dict[str, Quantity]
    match rule:
        case Detection():
            if rule.history is None:
                return {}
            quantities = {"within": rule.history.within, "learn": rule.history.learn}
        case Correlation():
            quantities = {rule.comparison.value: rule.least, "timespan": rule.timespan}
            if rule.most is not None:
                quantities[rule.most[0].value] = rule.most[1]
        case MetricRule():
            quantities = {rule.comparison.value: rule.limit, "for": rule.hold}
        case AbsenceRule():
            quantities = {"for": rule.after}
    return {
        wanted.name if isinstance(wanted, Parameter) else word: profile.value(wanted)
        for word, wanted in quantities.items()
    }
