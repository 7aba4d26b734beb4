# SPDX-License-Identifier: Apache-2.0
"""What an alert is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """Where an alert is in its life."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"

    @property
    def closed(self) -> bool:
        """Whether the alert takes no more events."""
        return self in {State.RESOLVED, State.FALSE_POSITIVE}


class Relation(StrEnum):
    """Why one alert stands for another in the queue: it fell with that one's, or both tell of the same."""

    CONSEQUENCE = "consequence"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class GroupCount:
    """What one value of the rule's group-by brought, e.g. one source address; an empty group sums the rest.

    `over`: that one is back, or done, since it was last told of. `told` is of the rest alone: by a mark, when each of
    its groups that is not over was last told of. `users` are accounts that were tried or used.
    """

    group: Mapping[str, str]
    count: int
    first_ns: int
    last_ns: int
    over: bool = False
    told: Mapping[str, int] = field(default_factory=dict)
    users: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Alert:
    """A stateful object raised by a rule about an asset.

    Times are UNIX nanoseconds of event time (`first_ns`, `last_ns`) or of the collector (`opened_ns`, `changed_ns`).
    `groups` says how many events each value of the rule's group-by brought; `evidence` holds the first events whole.
    `revision` counts what was done with the alert, not what happened: one more event contradicts nobody's decision.
    `maintenance` is the number of the declared maintenance it fell into: it waits apart from the queue, until
    `surfaces_ns` when what it tells of goes on by itself. So does one for which another alert stands in the queue: that
    is its `cause`, and `relation` says why.
    """

    id: str
    rule: str
    rule_version: int
    title_vi: str
    title_en: str
    asset: str
    unit: str
    system: str | None
    level: int | None
    severity: str
    priority: int
    state: State
    owner: str | None
    count: int
    first_ns: int
    last_ns: int
    opened_ns: int
    changed_ns: int
    late: bool
    threshold: Mapping[str, float]
    profile: str
    groups: tuple[GroupCount, ...] = ()
    evidence: tuple[Mapping[str, object], ...] = ()
    techniques: tuple[str, ...] = ()
    revision: int = 0
    condition_cleared: bool = False
    maintenance: int | None = None
    surfaces_ns: int | None = None
    cause: str | None = None
    relation: Relation | None = None


@dataclass(frozen=True, slots=True)
class Apart:
    """Why an alert waits apart from the queue: the number of a maintenance, and until when, None for good."""

    maintenance: int
    surfaces_ns: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of an alert's history: who did what, when, from which state to which, and why."""

    alert: str
    at_ns: int
    actor: str
    action: str
    before: State
    after: State
    owner: str | None
    note: str
