# SPDX-License-Identifier: Apache-2.0
"""What waits in a spool, copied out of it. Nothing is written, so the agent may go on running meanwhile.

A frame is copied only once it is surely on the disk: if it were not, the agent could lose it in a power cut and give
its number to another.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from giamsat_agent.spool import segment
from giamsat_agent.spool.files import Readable
from giamsat_agent.spool.recovery import NAME, read_cursor
from giamsat_agent.spool.segment import Description
from giamsat_agent.spool.state import StoredFrame
from giamsat_wire.lane import Lane


class Copied(Readable, Protocol):
    """The files of one lane's folder, to be read."""

    def settle(self, name: str) -> None:
        """Have everything that can be read of a file on the disk; OSError when the disk refuses."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a lane would send: in which epoch, after which number, and the number its next frame gets."""

    lane: Lane
    epoch: int
    acked: int
    next: int
    since: int

    @property
    def after(self) -> int:
        """The number the first frame that waits comes after."""
        return max(self.acked, self.since - 1)


def waiting(files: Copied, lane: Lane) -> Waiting | None:
    """Where a lane stands; None when it has never held a frame.

    Raises:
        OSError: the folder cannot be read.
    """
    acked = read_cursor(files)
    for name in reversed(_names(files)):
        seen = segment.survey(_durable(files, name), lane, int(name[:16], 16))
        said = next(filter(None, map(_description, seen.records)), None)
        if said is not None:
            last = max((record.seq for record in seen.records if record.is_frame), default=int(name[:16], 16) - 1)
            return Waiting(lane, said.epoch, acked, last + 1, said.since)
    return None


def frames(files: Copied, of: Waiting) -> Iterator[StoredFrame]:
    """The frames that wait, oldest first; where one is damaged or was given up, the next follows with a gap.

    Raises:
        OSError: a file cannot be read, or is not surely on the disk.
    """
    last = of.after
    for name in _names(files):
        for record in segment.survey(_durable(files, name), of.lane, int(name[:16], 16)).records:
            if record.is_frame and last < record.seq < of.next:
                yield StoredFrame(record.seq, record.flags, record.payload, record.crc)
                last = record.seq


def _names(files: Copied) -> list[str]:
    return sorted(name for name in files.names() if NAME.match(name))


def _durable(files: Copied, name: str) -> bytes:
    """A segment as far as it is on the disk; nothing when the agent has let go of it meanwhile."""
    try:
        data = files.read(name)
        files.settle(name)
    except FileNotFoundError:
        return b""
    return data


def _description(record: segment.Record) -> Description | None:
    return segment.description(record) if record.flags & segment.SEGMENT else None
