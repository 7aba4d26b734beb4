# SPDX-License-Identifier: Apache-2.0
"""What a sensor makes and a rule judges: samples and events.

Text from a watched host is carried as it is and never interpreted. It is bounded by `limits` when it is encoded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from giamsat_wire.lane import Lane

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Label names and values, sorted by name."""

Series: TypeAlias = tuple[str, Labels]
"""A name with labels, whose value changes."""

FieldValue: TypeAlias = str | int | float | bool | tuple[str, ...]


class Sample(NamedTuple):
    """One reading of one series, under node_exporter's name and in its unit; counters are raw and cumulative."""

    name: str
    value: float
    labels: Labels = ()


@dataclass(slots=True)
class Event:
    """Something that happened: `kind` is ECS `event.action`, `fields` are ECS names in dotted form.

    `wall_ns` is when it happened by the host's own clock (UNIX nanoseconds), `mono_ns` when the agent read it
    (CLOCK_BOOTTIME). Nobody changes one; it is not frozen because to make a frozen one takes more than twice as long.
    """

    kind: str
    wall_ns: int
    mono_ns: int
    fields: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the source named `source` has been read; `cursor` speaks to that source's sensor only."""

    source: str
    cursor: bytes


@dataclass(frozen=True, slots=True)
class SampleSet:
    """All samples of one reading of a host, taken at one time."""

    wall_ns: int
    mono_ns: int
    samples: tuple[Sample, ...]

    @property
    def series(self) -> tuple[Series, ...]:
        """Which series there are."""
        return tuple((sample.name, sample.labels) for sample in self.samples)

    @property
    def values(self) -> Sequence[float]:
        """The value of each."""
        return [sample.value for sample in self.samples]


@dataclass(slots=True)
class Columns:
    """The same as two columns: readings that follow one another share the first, so few things are made for each."""

    wall_ns: int
    mono_ns: int
    series: tuple[Series, ...]
    values: Sequence[float]

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The readings one by one."""
        return tuple(
            Sample(name, value, labels) for (name, labels), value in zip(self.series, self.values, strict=True)
        )


class LossReason(StrEnum):
    """Why frames will never come."""

    UNKNOWN = "unknown"
    SPOOL_FULL = "spool_full"
    CORRUPT = "corrupt"
    SEQUENCE_REGRESSED = "sequence_regressed"
    SERVER_ROLLBACK = "server_rollback"
    HOST_PRESSURE = "host_pressure"
    THINNED = "thinned"


@dataclass(frozen=True, slots=True)
class Loss:
    """The declaration that of the frames `first` to `last` of a lane so many will never come; 0: none of them will."""

    lane: Lane
    epoch: int
    first: int
    last: int
    reason: LossReason
    frames: int = 0

    @property
    def count(self) -> int:
        """How many frames will never come."""
        return self.frames or self.last - self.first + 1
