# SPDX-License-Identifier: Apache-2.0
"""What others see of a spool: frames as they are sent, and where a lane stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A committed frame as it is sent, byte for byte the same each time."""

    seq: int
    flags: int
    payload: bytes
    crc: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose spool this is; written into every segment."""

    agent: str
    boot: str


@dataclass(frozen=True, slots=True)
class LaneState:
    """Where a lane stands: its epoch, the oldest number it holds, the next one, the last acknowledged, its bytes."""

    epoch: int
    first: int
    next: int
    acked: int
    committed: int
    size: int
