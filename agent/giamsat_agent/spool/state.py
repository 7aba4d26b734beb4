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
    """Where a lane stands.

    `first` is the oldest number from which it can go on, `next` the one the next frame gets, `acked` the last one
    acknowledged, `committed` the last durable one, `size` the bytes on the disk. `holes` are ranges after `acked`
    that were damaged and will never be sent. `since` is the number the epoch began with. `waiting_bytes` are those of
    the segments that are not acknowledged whole.
    """

    epoch: int
    first: int
    next: int
    acked: int
    committed: int
    size: int
    since: int = 1
    holes: tuple[tuple[int, int], ...] = ()
    waiting_bytes: int = 0

    def holds(self, seq: int) -> bool:
        """Whether a frame can be sent."""
        return self.first <= seq <= self.committed and not any(first <= seq <= last for first, last in self.holes)
