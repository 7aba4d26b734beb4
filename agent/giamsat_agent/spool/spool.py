# SPDX-License-Identifier: Apache-2.0
"""The four lanes together: caps, eviction with a declaration first, and room for urgent frames on a full disk."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

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
_EPOCH_BITS: Final = 20


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


class Spool:
    """Everything that waits to be acknowledged. Each lane has a folder; `files` opens them by name.

    Raises OSError when a folder cannot be used at all.
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
        self.declared_lost: dict[Lane, int] = dict.fromkeys(Lane, 0)
        epoch = self._fresh_epoch()
        self._lanes = {
            lane: LaneQueue(
                lane, files(lane.name.lower()), owner=owner, clock=clock, cap_bytes=caps.of(lane), fresh_epoch=epoch
            )
            for lane in Lane
        }
        for queue in self._lanes.values():
            for first, last in queue.holes:
                self._declare(queue, first, last, LossReason.CORRUPT)
        self._lay_ballast()

    def append(self, lane: Lane, flags: int, payload: bytes) -> int:
        """Write a frame; its number. It counts from `commit` on.

        Raises:
            SpoolError: the disk refuses; nothing was changed.
        """
        queue = self._lanes[lane]
        while queue.full_for(len(payload)):
            self._evict(queue)
        try:
            return queue.append(flags, payload)
        except SpoolError:
            if lane is not Lane.URGENT:
                raise
            self._ballast.remove(BALLAST)
            return queue.append(flags, payload)

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
            SpoolError: the disk refuses.
        """
        self._lanes[lane].commit()

    def acknowledge(self, lane: Lane, epoch: int, seq: int) -> None:
        """The collector holds everything of this epoch up to `seq`."""
        if epoch == self._lanes[lane].epoch:
            self._lanes[lane].acknowledge(seq)

    def rewind(self, lane: Lane, seq: int) -> None:
        """The collector goes on after `seq`, which is less than was acknowledged before."""
        self._lanes[lane].rewind(seq)

    def read(self, lane: Lane, after: int, most_bytes: int) -> Iterator[StoredFrame]:
        """Committed frames after a number, oldest first; at least one if there is one."""
        return self._lanes[lane].read(after, most_bytes)

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

    def begin_epoch(self, lane: Lane, held_by_collector: int) -> None:
        """The collector holds numbers this spool has yet to give: it went back in time. Go on in a new epoch."""
        queue = self._lanes[lane]
        before = queue.state
        queue.begin_epoch(self._fresh_epoch())
        loss = Loss(lane, before.epoch, before.next, max(held_by_collector, before.next), LossReason.SEQUENCE_REGRESSED)
        self._append_loss(loss)

    def close(self) -> None:
        """Commit everything and let go of the files."""
        for queue in self._lanes.values():
            queue.close()

    def _evict(self, queue: LaneQueue) -> None:
        given_up = queue.oldest()
        if given_up is not None and queue.lane is not Lane.URGENT:
            self._declare(queue, *given_up, LossReason.SPOOL_FULL)
        evicted = queue.evict()
        if evicted is not None and queue.lane is Lane.URGENT:
            self._declare(queue, *evicted, LossReason.SPOOL_FULL)

    def _declare(self, queue: LaneQueue, first: int, last: int, reason: LossReason) -> None:
        self.declared_lost[queue.lane] += last - first + 1
        self._append_loss(Loss(queue.lane, queue.epoch, first, last, reason))

    def _append_loss(self, loss: Loss) -> None:
        encoded = encode_loss(loss)
        self._lanes[Lane.URGENT].append(encoded.flags, encoded.payload)
        self._lanes[Lane.URGENT].commit()

    def _lay_ballast(self) -> None:
        if BALLAST not in self._ballast.names():
            try:
                self._ballast.put(BALLAST, bytes(BALLAST_BYTES))
            except OSError:
                self._ballast.remove(BALLAST)

    def _fresh_epoch(self) -> int:
        seconds = self._clock.wall_ns() // 1_000_000_000
        return seconds << _EPOCH_BITS | self._random_bits(_EPOCH_BITS)
