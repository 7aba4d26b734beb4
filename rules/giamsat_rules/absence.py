# SPDX-License-Identifier: Apache-2.0
"""Conditions on silence: who has not been heard of for too long."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from giamsat_rules.level import Profile
from giamsat_rules.rule import AbsenceRule, Fields, Silence

AGENT: Final = Silence.AGENT.value
UNIT: Final = Silence.UNIT.value
CENTRE: Final = Silence.CENTRE.value
NO_LOGS: Final = frozenset({AGENT, UNIT, CENTRE})
"""The names of an agent, a unit and the centre among what was last seen; every other name is a log source."""
NOTHING: Final[Fields] = MappingProxyType({})


def silent(rule: AbsenceRule, profile: Profile, last_seen: Mapping[str, int], now_ns: int) -> dict[str, int]:
    """The sources that are silent for longer than the rule allows, and when each was last seen.

    A log source is held against the agent's last sign of life, not against the clock: while the agent itself is
    silent, nothing is known of its sources.
    """
    limit_ns = profile.value(rule.after) * 10**9
    if rule.of is not Silence.LOG_SOURCE:
        seen_ns = last_seen.get(rule.of, now_ns)
        return {rule.of.value: seen_ns} if now_ns - seen_ns > limit_ns else {}
    alive_ns = min(last_seen.get(AGENT, now_ns), now_ns)
    return {
        source: seen_ns
        for source, seen_ns in last_seen.items()
        if source not in NO_LOGS and alive_ns - seen_ns > limit_ns
    }
