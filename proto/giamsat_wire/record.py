# SPDX-License-Identifier: Apache-2.0
"""What a sensor makes and a rule judges: samples and events.

Text from a watched host is carried as it is and never interpreted. It is bounded by `limits` when it is encoded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from giamsat_wire.lane import Lane

Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Label names and values, sorted by name."""

FieldValue: TypeAlias = str | int | float | bool | tuple[str, ...]


class Sample(NamedTuple):
    """One reading of one series, under node_exporter's name and in its unit; counters are raw and cumulative."""

    name: str
    value: float
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `kind` is ECS `event.action`, `fields` are ECS names in dotted form.

    `wall_ns` is when it happened by the host's own clock (UNIX nanoseconds), `mono_ns` when the agent read it
    (CLOCK_BOOTTIME).
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


class LossReason(StrEnum):
    """Why frames will never come."""

    UNKNOWN = "unknown"
    SPOOL_FULL = "spool_full"
    CORRUPT = "corrupt"
    SEQUENCE_REGRESSED = "sequence_regressed"
    SERVER_ROLLBACK = "server_rollback"
    HOST_PRESSURE = "host_pressure"


@dataclass(frozen=True, slots=True)
class Loss:
    """The declaration that frames `first` to `last` of a lane will never come."""

    lane: Lane
    epoch: int
    first: int
    last: int
    reason: LossReason
