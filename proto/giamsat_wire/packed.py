# SPDX-License-Identifier: Apache-2.0
"""Metric frames whose columns stay as they lie on the wire, for who reads the sets of many frames at once.

Only what a `codec.encode_readings` of this project writes in the middle of a chain is read like this. All else, be it
wrong, hostile or merely written in another way, is left to `codec.decode`, whose word on it counts.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from google.protobuf.message import DecodeError

from giamsat.v1 import telemetry_pb2
from giamsat_wire import limits
from giamsat_wire.codec import FrameFlag, unpacked
from giamsat_wire.errors import MalformedError

_KEYFRAME: Final = int(FrameFlag.KEYFRAME)
_DOUBLE: Final = 8
_STEPS: Final = 2 * limits.SERIES_PER_AGENT
"""The most bytes of a column of steps: each stays below SERIES_PER_AGENT, which two bytes hold."""
_VALUES: Final = 8 * limits.SERIES_PER_AGENT
"""The most bytes of a column of values that are read at once; a longer number is rare."""


class PackedSet(NamedTuple):
    """One reading: `changed` and `real` are steps as varints, `delta` zigzag varints, `real_value` doubles."""

    wall_ns: int
    mono_ns: int
    changed: bytes
    delta: bytes
    real: bytes
    real_value: bytes


class Packed(NamedTuple):
    """A frame in the middle of a chain that declares no series and takes none away; it has a set or more."""

    chain: int
    sets: Sequence[PackedSet]


def packed(flags: int, payload: bytes) -> Packed | None:
    """A frame as it lies on the wire; None for any that `codec.decode` has to look at.

    Every column of it ends where a number ends. Whether the numbers make sense is for the caller to see.
    """
    if flags & _KEYFRAME:
        return None
    message = telemetry_pb2.PackedPayload()
    try:
        raw = unpacked(flags, payload)
        message.ParseFromString(raw)
    except (DecodeError, MalformedError):
        return None
    # What is unknown here, said twice or in more bytes than it needs is not counted, and so the sizes differ.
    message.DiscardUnknownFields()
    metrics = message.metrics
    if message.ByteSize() != len(raw) or not 0 < len(metrics.sets) <= limits.SETS_PER_FRAME:
        return None
    sets = [
        PackedSet(one.wall_ns, one.mono_ns, one.changed, one.delta, one.real, one.real_value) for one in metrics.sets
    ]
    if not all(map(_whole, sets)) or (len(raw) > _STEPS and any(map(_too_long, sets))):
        return None
    return Packed(metrics.chain, sets)


def _whole(one: PackedSet) -> bool:
    """Whether columns end where a number ends."""
    ends = one.changed[-1:] + one.delta[-1:] + one.real[-1:]
    return ends.isascii() and len(one.real_value) % _DOUBLE == 0


def _too_long(one: PackedSet) -> bool:
    """Whether a column is longer than a set can need, which would cost memory before it fails."""
    return max(len(one.changed), len(one.real)) > _STEPS or max(len(one.delta), len(one.real_value)) > _VALUES
