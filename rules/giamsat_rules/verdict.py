# SPDX-License-Identifier: Apache-2.0
"""What the engine takes in and gives out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from giamsat_wire.record import FieldValue

Change: TypeAlias = Literal["raised", "continued", "cleared", "ended"]

TIME: Final = "@timestamp"
"""The field under which rules find when an event happened, as UNIX seconds; only rules that ask for it see it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an event is about: an asset, its effective level, its unit, the system that gives it the level.

    No level is unclassified: judged as the highest level. No unit: the asset stands alone. `pack` is the name of the
    level pack the system's dossier refers to; none: whatever judges by default.
    """

    asset: str
    level: int | None
    unit: str | None = None
    system: str | None = None
    pack: str | None = None


class Standing(Protocol):
    """What was raised and has not ended: one group of an alert, and the event times of its first and last event."""

    @property
    def group(self) -> Mapping[str, str]:
        """The names and values it is broken down by."""
        ...

    @property
    def first_ns(self) -> int:
        """UNIX nanoseconds."""
        ...

    @property
    def last_ns(self) -> int:
        """UNIX nanoseconds."""
        ...


class Occurrence(NamedTuple):
    """An event as rules see it: when it happened (UNIX nanoseconds of event time) and its ECS fields.

    `late`: it arrived long after it happened. `clamped`: its time is not to be believed, so it raises nothing.
    `ref` is the caller's own number for it and comes back in the verdict.
    """

    subject: Subject
    at_ns: int
    fields: Mapping[str, FieldValue]
    late: bool = False
    clamped: bool = False
    ref: int | None = None

    @property
    def timed(self) -> Mapping[str, FieldValue]:
        """Its fields, and among them when it happened."""
        return {**self.fields, TIME: self.at_ns / 10**9}


@dataclass(slots=True)
class Verdict:
    """What a rule says about a subject.

    `match`: one event met a detection. `alert`: a condition over several events, readings or silence was met.
    `raised` begins an episode, `continued` adds to it, `cleared` says that a reading or silence is over for the whole
    asset, `ended` that what events told of is over for one group. `count` is how many occurrences this verdict adds:
    the sum over an episode is exact. `threshold` holds the quantities it was judged by, in the units of the pack
    (seconds for durations). `evidence` is the fields of the first occurrences (`pronounce.EVIDENCE`) when raised;
    `refs` are the callers' numbers of all occurrences it adds, `users` the accounts they name beside the group. Nobody
    changes one; it is not frozen because an attack makes many, and to make a frozen one takes more than twice as long.
    """

    rule: str
    rule_version: int
    kind: Literal["match", "alert"]
    change: Change
    title_vi: str
    title_en: str
    severity: str
    subject: Subject
    group: Mapping[str, str]
    count: int
    first_ns: int
    last_ns: int
    threshold: Mapping[str, float] = field(default_factory=dict)
    profile: str = ""
    techniques: tuple[str, ...] = ()
    evidence: tuple[Mapping[str, FieldValue], ...] = ()
    late: bool = False
    refs: tuple[int, ...] = ()
    users: tuple[str, ...] = ()
