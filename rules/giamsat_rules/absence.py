# SPDX-License-Identifier: Apache-2.0
"""Conditions on silence: who has not been heard of for too long."""

from collections.abc import Mapping
from typing import Final

from giamsat_rules.level import Profile
from giamsat_rules.rule import AbsenceRule, Silence

AGENT: Final = "agent"
"""The name of the agent itself among the sources that were last seen; every other name is a log source."""


def silent(rule: AbsenceRule, profile: Profile, last_seen: Mapping[str, int], now_ns: int) -> dict[str, int]:
    """The sources that are silent for longer than the rule allows, and when each was last seen.

    A log source is held against the agent's last sign of life, not against the clock: while the agent itself is
    silent, nothing is known of its sources.
    """
    limit_ns = profile.value(rule.after) * 10**9
    agent_ns = last_seen.get(AGENT, now_ns)
    if rule.of is Silence.AGENT:
        return {AGENT: agent_ns} if now_ns - agent_ns > limit_ns else {}
    alive_ns = min(agent_ns, now_ns)
    return {
        source: seen_ns for source, seen_ns in last_seen.items() if source != AGENT and alive_ns - seen_ns > limit_ns
    }
