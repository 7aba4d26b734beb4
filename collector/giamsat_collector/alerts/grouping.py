# SPDX-License-Identifier: Apache-2.0
"""How verdicts become alerts: same rule and asset, one open alert with a count. Decides only."""

import hashlib
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from giamsat_collector.alerts.alert import Alert, GroupCount, State
from giamsat_collector.alerts.priority import priority
from giamsat_collector.registry.record import Placement
from giamsat_rules.verdict import Verdict

GROUPS: Final = 100
"""Sources an alert counts one by one; what comes after is counted together under an empty group."""
EVIDENCE: Final = 20


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
        evidence=_bounded(verdict.evidence),
        techniques=verdict.techniques,
    )


def joined(alert: Alert, verdict: Verdict, now_ns: int) -> Alert:
    """An open alert after one more verdict."""
    return replace(
        alert,
        count=alert.count + verdict.count,
        first_ns=min(alert.first_ns, verdict.first_ns),
        last_ns=max(alert.last_ns, verdict.last_ns),
        changed_ns=now_ns,
        late=alert.late or verdict.late,
        groups=_grouped(alert.groups, verdict),
        evidence=_bounded((*alert.evidence, *verdict.evidence)),
        condition_cleared=False,
    )


def ended(alert: Alert, verdict: Verdict) -> Alert:
    """An open alert after one of its groups is over; the same when none is, or when it was told of again since."""
    wanted = dict(verdict.group)
    groups = tuple(
        replace(group, over=True) if group.group == wanted and verdict.last_ns >= group.last_ns else group
        for group in alert.groups
    )
    return alert if groups == alert.groups else replace(alert, groups=groups)


def folded(text: str) -> str:
    """Text as it is searched for without a Vietnamese keyboard: lower case, no accents, đ as d."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(character for character in plain if not unicodedata.combining(character))


def searchable(alert: Alert, placement: Placement) -> str:
    """What a text search looks through."""
    groups = " ".join(str(value) for group in alert.groups[:EVIDENCE] for value in group.group.values())
    names = (alert.id, alert.rule, alert.title_vi, alert.title_en, placement.name, placement.unit_name, groups)
    return folded(" ".join((*names, alert.asset, alert.unit, alert.system or "")))[:4_000]


def _bounded(evidence: Sequence[Mapping[str, object]]) -> tuple[Mapping[str, object], ...]:
    """The first events, as JSON can hold them."""
    return tuple({name: _storable(value) for name, value in event.items()} for event in evidence[:EVIDENCE])


def _storable(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    # JSON has no word for what is not a number, and a host may send it.
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _grouped(groups: tuple[GroupCount, ...], verdict: Verdict) -> tuple[GroupCount, ...]:
    """The count of each group; the verdict's own is brought up to date."""
    wanted = dict(verdict.group)
    known = [group.group for group in groups]
    if wanted not in known and sum(map(bool, known)) >= GROUPS:
        wanted = {}
    if wanted not in known:
        return (*groups, GroupCount(wanted, verdict.count, verdict.first_ns, verdict.last_ns))
    return tuple(
        GroupCount(
            group.group,
            group.count + verdict.count,
            min(group.first_ns, verdict.first_ns),
            max(group.last_ns, verdict.last_ns),
        )
        if group.group == wanted
        else group
        for group in groups
    )
