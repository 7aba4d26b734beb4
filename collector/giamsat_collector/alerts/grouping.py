# SPDX-License-Identifier: Apache-2.0
"""How verdicts become alerts: same rule and asset, one open alert with a count. Decides only."""

import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import filterfalse
from typing import Final

from giamsat_collector.alerts.alert import Alert, GroupCount, State
from giamsat_collector.alerts.priority import priority, rank
from giamsat_collector.registry.record import Placement
from giamsat_rules.behind import BESIDE
from giamsat_rules.verdict import Verdict

GROUPS: Final = 100
"""Sources an alert counts one by one; what comes after is counted together under an empty group."""
MARKS: Final = 300
"""Of those counted together this many can be told to be over one by one; where there are more the rest never is."""
_MORE: Final = ""
EVIDENCE: Final = 20
USERS: Final = 20
"""Accounts that are noted of one group; of those behind them its alert stands for none."""


def opened(verdict: Verdict, placement: Placement, now_ns: int) -> Alert:
    """The alert a first verdict opens. Its id depends on the verdict alone, so judging again finds the same alert."""
    seed = f"{verdict.rule}\0{verdict.rule_version}\0{verdict.subject.asset}\0{verdict.first_ns}"
    return Alert(
        id=hashlib.sha256(seed.encode()).hexdigest()[:16],
        rule=verdict.rule,
        rule_version=verdict.rule_version,
        title_vi=verdict.title_vi,
        title_en=verdict.title_en,
        asset=verdict.subject.asset,
        unit=placement.unit,
        system=placement.system,
        level=placement.level,
        severity=verdict.severity,
        priority=priority(verdict.severity, placement.level),
        state=State.NEW,
        owner=None,
        count=verdict.count,
        first_ns=verdict.first_ns,
        last_ns=verdict.last_ns,
        opened_ns=now_ns,
        changed_ns=now_ns,
        late=verdict.late,
        threshold=dict(verdict.threshold),
        profile=verdict.profile,
        groups=_grouped((), verdict),
        evidence=_bounded(verdict.evidence, EVIDENCE),
        techniques=verdict.techniques,
    )


def joined(alert: Alert, verdict: Verdict, now_ns: int) -> Alert:
    """An open alert after one more verdict. Where its rule has become more severe meanwhile, so does the alert."""
    severity = max(alert.severity, verdict.severity, key=rank)
    return replace(
        alert,
        severity=severity,
        priority=min(alert.priority, priority(severity, alert.level)),
        count=alert.count + verdict.count,
        first_ns=min(alert.first_ns, verdict.first_ns),
        last_ns=max(alert.last_ns, verdict.last_ns),
        changed_ns=now_ns,
        late=alert.late or verdict.late,
        groups=_grouped(alert.groups, verdict),
        evidence=(*alert.evidence, *_bounded(verdict.evidence, EVIDENCE - len(alert.evidence))),
        condition_cleared=False,
    )


def ended(alert: Alert, verdict: Verdict) -> Alert:
    """An open alert after its condition cleared, or one of its groups is over; the last of them clears it.

    It is the same when none is over, or when it was told of again since.
    """
    if verdict.change == "cleared":
        return replace(alert, condition_cleared=True)
    wanted = dict(verdict.group)
    # An end of nothing in particular is no end of what is counted together.
    groups = tuple(_after(group, wanted, verdict.last_ns) for group in alert.groups) if wanted else alert.groups
    if groups == alert.groups:
        return alert
    return replace(alert, groups=groups, condition_cleared=all(group.over for group in groups))


def folded(text: str) -> str:
    """Text as it is searched for without a Vietnamese keyboard: lower case, no accents, đ as d."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(filterfalse(unicodedata.combining, plain))


def searchable(alert: Alert, placement: Placement) -> str:
    """What a text search looks through."""
    groups = " ".join(str(value) for group in alert.groups[:EVIDENCE] for value in group.group.values())
    names = (alert.id, alert.rule, alert.title_vi, alert.title_en, placement.name, placement.unit_name, groups)
    return folded(" ".join((*names, alert.asset, alert.unit, alert.system or "")))[:4_000]


def _bounded(evidence: Sequence[Mapping[str, object]], most: int) -> tuple[Mapping[str, object], ...]:
    """The first events, as JSON can hold them."""
    return tuple({name: _storable(value) for name, value in event.items()} for event in evidence[: max(most, 0)])


def _storable(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    # JSON has no word for what is not a number, and a host may send it.
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _after(group: GroupCount, wanted: Mapping[str, str], at_ns: int) -> GroupCount:
    """One group once `wanted` is over."""
    if group.group:
        return replace(group, over=True) if group.group == wanted and at_ns >= group.last_ns else group
    mark = _mark(wanted)
    if at_ns < group.told.get(mark, at_ns + 1):
        return group
    told = {each: last_ns for each, last_ns in group.told.items() if each != mark}
    return replace(group, told=told, over=not told)


def _grouped(groups: tuple[GroupCount, ...], verdict: Verdict) -> tuple[GroupCount, ...]:
    """The count of each group; the verdict's own is brought up to date. Those that are over make room for others."""
    group = dict(verdict.group)
    users = list(verdict.users[:USERS]) if group and BESIDE not in group else []
    brought = GroupCount(group, verdict.count, verdict.first_ns, verdict.last_ns, users=users)
    named = [group for group in groups if group.group]
    if any(group.group == brought.group for group in named):
        return tuple(_summed(group, brought) if group.group == brought.group else group for group in groups)
    mark = _mark(brought.group)
    if not brought.group or any(mark in group.told for group in groups):
        return _with_rest(groups, brought, {mark: verdict.last_ns})
    if len(named) < GROUPS:
        return (*groups, brought)
    gone = min((group for group in named if group.over), key=lambda group: group.last_ns, default=None)
    if gone is None:
        return _with_rest(groups, brought, {mark: verdict.last_ns})
    return (*_with_rest(tuple(group for group in groups if group is not gone), gone, {}), brought)


def _with_rest(groups: tuple[GroupCount, ...], more: GroupCount, told: Mapping[str, int]) -> tuple[GroupCount, ...]:
    """The groups after one more is counted together with the rest; `told` is what of it is not over."""
    rest = next((group for group in groups if not group.group), None)
    before: Mapping[str, int] = {} if rest is None else rest.told
    now = {**before, **{mark: max(last_ns, before.get(mark, last_ns)) for mark, last_ns in told.items()}}
    if len(now) > MARKS:
        now = {**before, _MORE: more.last_ns}
    sum_ = replace(more if rest is None else _summed(rest, more), group={}, told=now, over=not now, users=[])
    return (*groups, sum_) if rest is None else tuple(sum_ if group is rest else group for group in groups)


def _summed(group: GroupCount, more: GroupCount) -> GroupCount:
    first_ns, last_ns = min(group.first_ns, more.first_ns), max(group.last_ns, more.last_ns)
    users = list(dict.fromkeys((*group.users, *more.users)))[:USERS]
    return GroupCount(group.group, group.count + more.count, first_ns, last_ns, users=users)


def _mark(group: Mapping[str, str]) -> str:
    """A group in few characters."""
    return hashlib.sha256(repr(sorted(group.items())).encode()).hexdigest()[:16]
