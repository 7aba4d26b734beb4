# SPDX-License-Identifier: Apache-2.0
"""What readings and silence bring that was not told before: groups that came, and the end of the last one."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeAlias

from giamsat_rules.level import Profile
from giamsat_rules.readings.state import AssetState, Group, keep
from giamsat_rules.rule import AbsenceRule, Fields, MetricRule
from giamsat_rules.suppression import Hidden, Holds, Suppressions
from giamsat_rules.verdict import Subject, Verdict
from giamsat_rules.verdict_builder import from_condition

Found: TypeAlias = Mapping[Group, tuple[int, Fields]]
"""The groups that meet a rule: since when (UNIX nanoseconds), and the evidence."""
Hiding: TypeAlias = Callable[..., Hidden | None]
"""Which suppression hides evidence, given as `fields`."""


def told(
    rule: MetricRule | AbsenceRule,
    profile: Profile,
    subject: Subject,
    found: Found,
    now_ns: int,
    *,
    state: AssetState,
    suppressions: Suppressions,
    holds: Holds,
) -> Iterator[Verdict]:
    """What is new to an asset of this state; it is remembered. `holds` asks the predicates of suppressions."""
    name = rule.header.name
    before = state.raised.get(name, set())
    if suppressions.every or name in state.hidden:
        hiding = partial(suppressions.hiding, name, subject, at_ns=now_ns, holds=holds)
        found = _shown(name, found, state, suppressions, hiding)
    if not found and not before:
        return
    say = partial(from_condition, rule, profile, subject, now_ns=now_ns)
    for group in sorted(found.keys() - before):
        since_ns, evidence = found[group]
        yield say(group=dict(group), change="raised", since_ns=since_ns, evidence=evidence)
    if before and not found:
        yield say(group=dict(min(before)), change="cleared", since_ns=now_ns)
    keep(state.raised, name, found)


def _shown(name: str, found: Found, state: AssetState, suppressions: Suppressions, hiding: Hiding) -> Found:
    """The groups without those that are suppressed: each is told when that ends, and counted once until then."""
    raised, before = state.raised.get(name, set()), state.hidden.get(name, set())
    hidden = {
        group: which
        for group, (_, evidence) in found.items()
        if group not in raised and (which := hiding(fields={**evidence, **dict(group)})) is not None
    }
    for group in hidden.keys() - before:
        suppressions.hidden[hidden[group]] += 1
    keep(state.hidden, name, hidden)
    return {group: found[group] for group in found.keys() - hidden.keys()}
