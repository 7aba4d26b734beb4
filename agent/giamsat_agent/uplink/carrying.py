# SPDX-License-Identifier: Apache-2.0
"""What waits in the spool as runs of frames, for a parcel that is carried by hand; nothing is encrypted here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from giamsat_agent.spool.copying import Copied, Waiting, frames, waiting
from giamsat_agent.spool.state import StoredFrame
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import Carried, Run

RUN_BYTES: Final = 128 << 10
RUN_FRAMES: Final = 2_048


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed of one lane: how many frames, their bytes, the first and the last number."""

    lane: Lane
    frames: int = 0
    bytes: int = 0
    first: int = 0
    last: int = 0

    def and_run(self, run: Run) -> "Packed":
        """With one run more."""
        numbers = [one.seq for one in run.frames]
        return Packed(
            self.lane,
            self.frames + len(numbers),
            self.bytes + sum(len(one.payload) for one in run.frames),
            self.first or numbers[0],
            numbers[-1],
        )


def runs(folder: Callable[[Lane], Copied]) -> Iterator[Run]:
    """Everything that waits, urgent lane first, in pieces that can be sealed.

    Raises:
        OSError: the spool cannot be read, or the disk refuses to hold what it has.
    """
    for lane in Lane:
        files = folder(lane)
        stands = waiting(files, lane)
        if stands is not None:
            yield from _runs(stands, frames(files, stands))


def _runs(of: Waiting, found: Iterator[StoredFrame]) -> Iterator[Run]:
    first, last, size = of.after + 1, of.after, 0
    held: list[Carried] = []
    for frame in found:
        gap = frame.seq != last + 1
        if held and (gap or size >= RUN_BYTES or len(held) == RUN_FRAMES):
            yield Run(of.lane, of.epoch, first, of.next, of.acked, tuple(held))
            held, size = [], 0
        first, last = frame.seq if gap else first, frame.seq
        held.append(Carried(frame.seq, frame.flags, frame.payload, frame.crc))
        size += len(frame.payload)
    if held:
        yield Run(of.lane, of.epoch, first, of.next, of.acked, tuple(held))
