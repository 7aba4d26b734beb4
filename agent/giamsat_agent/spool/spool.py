# SPDX-License-Identifier: Apache-2.0
"""The four lanes together: caps, eviction with a declaration first, and room for urgent frames on a full disk."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool.files import Files
from giamsat_agent.spool.queue import LaneQueue
from giamsat_agent.spool.state import LaneState, Owner, StoredFrame
from giamsat_wire.clock import Clock
from giamsat_wire.codec import encode_loss
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason, Position

BALLAST: Final = "ballast"
BALLAST_BYTES: Final = 1 << 20
"""Kept on the disk to be let go of when it is full, so that urgent frames can still be written."""
LEAST_CAP: Final = 1 << 20
FRAMES_PER_READ: Final = 64
UNDECLARED: Final = 1_000
"""Declarations of losses that may wait in memory while the disk refuses them."""
_FRACTION_BITS: Final = 10
_RANDOM_BITS: Final = 10
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Caps:
    """The most bytes each lane keeps."""

    urgent: int = 32 << 20
    event: int = 64 << 20
    metric: int = 128 << 20
    bulk: int = 32 << 20

    def of(self, lane: Lane) -> int:
        """The cap of one lane."""
        return {Lane.URGENT: self.urgent, Lane.EVENT: self.event, Lane.METRIC: self.metric, Lane.BULK: self.bulk}[lane]

    def within(self, most: int) -> "Caps":
        """The same shares of at most so many bytes in all; each lane keeps enough to work with."""
        wished = sum(map(self.of, Lane))
        if wished <= most:
            return self
        return Caps(*(max(LEAST_CAP, self.of(lane) * most // wished) for lane in Lane))


class Spool:
    """Everything that waits to be acknowledged. Each lane has a folder; `files` opens them by name.

    Raises OSError when a folder cannot be read at all; a full or damaged disk is no reason not to start.
    """

    def __init__(
        self,
        files: Callable[[str], Files],
        *,
        owner: Owner,
        clock: Clock,
        random_bits: Callable[[int], int],
        caps: Caps,
    ) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._ballast = files(Lane.URGENT.name.lower())
        self._ballast_laid = False
        self.thinned_total = 0
        self.declared_lost: dict[Lane, int] = dict.fromkeys(Lane, 0)
        self._undeclared: deque[Loss] = deque(maxlen=UNDECLARED)
        epoch = self._fresh_epoch()
        self._lanes = {
            lane: LaneQueue(
                lane, files(lane.name.lower()), owner=owner, clock=clock, cap_bytes=caps.of(lane), fresh_epoch=epoch
            )
            for lane in Lane
        }
        for queue in self._lanes.values():
            # Only what the disk refused to make durable at this start is written, with the ballast's room if need be.
            with contextlib.suppress(SpoolError):
                self._with_ballast(queue.commit)
        self._lay_ballast()
        for queue in self._lanes.values():
            self._declare_damage(queue)

    def append(self, lane: Lane, flags: int, payload: bytes) -> int:
        """Write a frame; its number. It counts from `commit` on.

        Raises:
            SpoolError: the disk refuses; the frame is not in the spool.
        """
        queue = self._lanes[lane]
        while queue.full_for(len(payload)):
            if not (lane is Lane.METRIC and self._thins()):
                self._evict(queue)
        if lane is Lane.URGENT:
            return self._with_ballast(partial(queue.append, flags, payload))
        return queue.append(flags, payload)

    def thin_metrics(self) -> bool:
        """Leave out every second reading of the oldest metrics among those that are thinned least, declared first.

        Whether there were any to be thinned.

        Raises:
            SpoolError: the disk refuses.
        """
        queue = self._lanes[Lane.METRIC]
        found = queue.thinnable()
        if found is None:
            return False
        part, fewer = found
        if fewer.given_up:
            self._write_down(
                Loss(queue.lane, queue.epoch, part.first, part.last, LossReason.THINNED, frames=fewer.given_up)
            )
        queue.thin(part, fewer)
        self.declared_lost[queue.lane] += fewer.given_up
        self.thinned_total += fewer.given_up
        return True

    def note(self, positions: Iterable[Position]) -> None:
        """Make durable how far the log sources have been read; everything read so far must be committed already.

        Raises:
            SpoolError: the disk refuses; what is read again after a restart is recognised.
        """
        queue = self._lanes[Lane.URGENT]
        queue.note({position.source: position.cursor for position in positions})
        queue.commit()

    def commit(self, lane: Lane) -> None:
        """Make what was appended to a lane durable.

        Raises:
            SpoolError: the disk refuses; what was appended stays in memory and is written with the next commit.
        """
        if lane is Lane.URGENT:
            self._with_ballast(self._lanes[lane].commit)
        else:
            self._lanes[lane].commit()

    def acknowledge(self, lane: Lane, epoch: int, seq: int) -> None:
        """The collector holds everything of this epoch up to `seq`."""
        if epoch == self._lanes[lane].epoch:
            self._lanes[lane].acknowledge(seq)
        if not self._ballast_laid:
            self._lay_ballast()

    def rewind(self, lane: Lane, seq: int) -> None:
        """The collector goes on after `seq`, which is less than was acknowledged before."""
        self._lanes[lane].rewind(seq)

    def read(
        self, lane: Lane, after: int, *, most_bytes: int, most_frames: int = FRAMES_PER_READ
    ) -> tuple[StoredFrame, ...]:
        """Committed frames that follow a number without a break, oldest first; at least one if that one is held.

        Raises:
            SpoolError: the disk cannot be read now.
        """
        frames: list[StoredFrame] = []
        size = 0
        for frame in self._lanes[lane].read(after):
            size += len(frame.payload)
            if frames and (size > most_bytes or len(frames) == most_frames):
                break
            frames.append(frame)
        self._declare_damage(self._lanes[lane])
        return tuple(frames)

    def made(self, lane: Lane, seq: int) -> StoredFrame | None:
        """The frame of a number as it was made; None where it is not held, or was made less since.

        Raises:
            SpoolError: the disk cannot be read now.
        """
        return self._lanes[lane].made(seq)

    def state(self, lane: Lane) -> LaneState:
        """Where a lane stands."""
        return self._lanes[lane].state

    def begins_segment(self, lane: Lane) -> bool:
        """Whether the next frame of a lane is the first of its segment."""
        return self._lanes[lane].begins_segment

    def positions(self) -> Mapping[str, Position]:
        """How far each source had been read by what is durable."""
        noted = self._lanes[Lane.URGENT].positions
        return {source: Position(source, cursor) for source, cursor in noted.items()}

    def begin_epoch(self, lane: Lane, *, collector_epoch: int, collector_holds: int) -> None:
        """The collector holds numbers this spool has yet to give: it went back in time. Go on in a new epoch.

        The new epoch is later than any either end has seen, whatever the clock says.

        Raises:
            SpoolError: the disk refuses; the epoch is the old one.
        """
        queue = self._lanes[lane]
        before = queue.state
        queue.begin_epoch(max(self._fresh_epoch(), before.epoch + 1, collector_epoch + 1))
        last = max(collector_holds, before.next) if collector_epoch == before.epoch else before.next
        self._undeclared.append(Loss(lane, before.epoch, before.next, last, LossReason.SEQUENCE_REGRESSED))
        self._declare_what_waits()

    def close(self) -> None:
        """Commit everything and let go of the files.

        Raises:
            SpoolError: the disk refuses; what it refused is lost with this process.
        """
        for queue in self._lanes.values():
            queue.close()

    def _thins(self) -> bool:
        """Whether thinning made room; a full disk has none for a part beside the one it is to replace."""
        try:
            return self.thin_metrics()
        except SpoolError:
            return False

    def _evict(self, queue: LaneQueue) -> None:
        """Give up the oldest segment of a lane; not before that is written down, or nobody would know after a crash."""
        given_up = queue.oldest()
        if given_up is not None:
            first, last = given_up
            self._write_down(Loss(queue.lane, queue.epoch, first, last, LossReason.SPOOL_FULL))
            self.declared_lost[queue.lane] += last - first + 1
        queue.evict()

    def _declare_damage(self, queue: LaneQueue) -> None:
        for hole in queue.newly_lost():
            self._declare(queue, hole, LossReason.CORRUPT)

    def _declare(self, queue: LaneQueue, numbers: tuple[int, int], reason: LossReason) -> None:
        first, last = numbers
        self.declared_lost[queue.lane] += last - first + 1
        self._undeclared.append(Loss(queue.lane, queue.epoch, first, last, reason))
        self._declare_what_waits()

    def _declare_what_waits(self) -> None:
        """Commit every declaration that the disk has not taken yet; what it refuses now waits for the next one."""
        urgent = self._lanes[Lane.URGENT]
        while self._undeclared:
            encoded = encode_loss(self._undeclared[0])
            try:
                self._with_ballast(partial(urgent.append, encoded.flags, encoded.payload))
                self._undeclared.popleft()
                self._with_ballast(urgent.commit)
            except SpoolError:
                return

    def _write_down(self, loss: Loss) -> None:
        """Make a declaration durable.

        Raises:
            SpoolError: the disk refuses.
        """
        urgent, encoded = self._lanes[Lane.URGENT], encode_loss(loss)
        self._with_ballast(partial(urgent.append, encoded.flags, encoded.payload))
        self._with_ballast(urgent.commit)

    def _with_ballast(self, work: Callable[[], _T]) -> _T:
        """Do what the disk refuses once more after giving it room."""
        try:
            return work()
        except SpoolError:
            self._lift_ballast()
            return work()

    def _lay_ballast(self) -> None:
        try:
            if BALLAST not in self._ballast.names():
                self._ballast.put(BALLAST, bytes(BALLAST_BYTES))
            self._ballast_laid = True
        except OSError:
            self._lift_ballast()

    def _lift_ballast(self) -> None:
        self._ballast_laid = False
        with contextlib.suppress(OSError):
            self._ballast.remove(BALLAST)

    def _fresh_epoch(self) -> int:
        """Later than any of a start before, a thousandth of a second ago; two hosts of one moment differ by chance."""
        ticks = (self._clock.wall_ns() << _FRACTION_BITS) // 1_000_000_000
        return ticks << _RANDOM_BITS | self._random_bits(_RANDOM_BITS)
