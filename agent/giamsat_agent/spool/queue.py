# SPDX-License-Identifier: Apache-2.0
"""One lane's queue on the disk. Frames leave it only when they are acknowledged, or evicted with a declaration.

Appended frames count from `commit` on: only then are they sent, and only then may their source be told. The segments
are the only truth; the cursor only saves sending again what was acknowledged. A number once given to a frame is never
given to another: what could not be made durable stays in memory and is written to a new segment.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Final

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool import recovery, segment
from giamsat_agent.spool.backlog import Backlog
from giamsat_agent.spool.files import Files
from giamsat_agent.spool.recovery import Segment
from giamsat_agent.spool.segment import Description
from giamsat_agent.spool.state import LaneState, Owner, StoredFrame
from giamsat_agent.spool.thinning import Thinned
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.lane import Lane

SEGMENT_BYTES: Final = 256 << 10
"""To send what waits on the disk, one of a lane is held in memory; to thin one takes half a second."""


class LaneQueue:
    """The queue of one lane.

    Raises OSError when its folder cannot be read. A disk that cannot be written is no reason not to start.
    """

    def __init__(
        self, lane: Lane, files: Files, *, owner: Owner, clock: Clock, cap_bytes: int, fresh_epoch: int
    ) -> None:
        found = recovery.recover(files, lane, clock.mono_ns())
        self.lane = lane
        self.epoch = fresh_epoch if found.epoch is None else found.epoch
        self.positions = found.positions
        self.damaged = found.damaged
        self._next = found.next
        self._acked = found.acked
        # What is not surely durable waits for the first commit, like what was just appended.
        self._committed = min([found.next, *(it.seq for it, _ in found.unsure if it.is_frame)]) - 1
        self._since = found.since
        self._backlog = Backlog(lane, files, found.segments, found.holes)
        self._declared: set[tuple[int, int]] = set()
        self._spent = found.spent
        self._files = files
        self._owner = owner
        self._clock = clock
        self._pending = [data for _, data in found.unsure]
        self._waiting = [StoredFrame(it.seq, it.flags, it.payload, it.crc) for it, _ in found.unsure if it.is_frame]
        self._cap_bytes = cap_bytes
        self._segment_bytes = min(SEGMENT_BYTES, cap_bytes // 8)
        self._handle: int | None = None
        self._fresh_size = 0

    @property
    def state(self) -> LaneState:
        """Where the lane stands."""
        holes = tuple(self._backlog.holes)
        oldest = self._backlog.first
        passed = [last + 1 for first, last in holes if first <= self._acked + 1 <= last]
        first = max(self._next if oldest is None else oldest, self._since, *passed)
        size, waits = self._backlog.size, self._backlog.waiting(self._acked)
        return LaneState(self.epoch, first, self._next, self._acked, self._committed, size, self._since, holes, waits)

    @property
    def begins_segment(self) -> bool:
        """Whether the next frame is the first of its segment."""
        return self._handle is None or self._backlog.segments[-1].is_empty or self._is_full

    def full_for(self, size: int) -> bool:
        """Whether a frame of `size` needs an eviction first."""
        return self._backlog.first is not None and self._backlog.size + size + segment.OVERHEAD > self._cap_bytes

    def newly_lost(self) -> tuple[tuple[int, int], ...]:
        """Ranges of damaged frames that were not returned here before."""
        new = tuple(hole for hole in self._backlog.holes if hole not in self._declared)
        self._declared.update(new)
        return new

    def oldest(self) -> tuple[int, int] | None:
        """The unacknowledged numbers the next eviction gives up. The oldest segment is then not the newest.

        Raises:
            SpoolError: the disk refuses; nothing was changed.
        """
        if len(self._backlog.segments) == 1:
            self.commit()
            self._begin()
        part = self._backlog.segments[0]
        first = max(part.first, self._acked + 1, self._since)
        return None if part.is_empty or part.last < first else (first, part.last)

    def evict(self) -> None:
        """Give up the oldest segment.

        Raises:
            SpoolError: the disk refuses; nothing was changed.
        """
        try:
            self._files.remove(self._backlog.segments[0].name)
        except OSError as error:
            raise self._refusal("cannot delete", error) from error
        self._backlog.segments.pop(0)

    def thinnable(self) -> tuple[Segment, Thinned] | None:
        """A segment and what it may become: not the one in which sending goes on; SpoolError as `read`."""
        return self._backlog.thinnable(max(self._acked + 1, self._since))

    def thin(self, part: Segment, fewer: Thinned) -> None:
        """Let a segment become what `thinnable` said; SpoolError when the disk refuses, and it stays as it was."""
        self._backlog.rewrite(part, fewer)

    def append(self, flags: int, payload: bytes) -> int:
        """Write a frame at the end; its number. It counts from the next `commit` on.

        Raises:
            SpoolError: the disk refuses, or the frame is too large; the queue is as it was before.
        """
        if len(payload) > limits.FRAME_BYTES:
            raise SpoolError(f"a frame of {len(payload)} bytes, at most {limits.FRAME_BYTES}; make smaller frames")
        seq = self._next
        record = segment.encode(flags=flags, lane=self.lane, seq=seq, payload=payload)
        self._write(record)
        self._backlog.segments[-1].last = seq
        self._next = seq + 1
        self._waiting.append(StoredFrame(seq, flags, payload, segment.crc_of(record)))
        return seq

    def note(self, positions: Mapping[str, bytes]) -> None:
        """Write down how far the log sources have been read; counts from the next `commit` on.

        Raises:
            SpoolError: the disk refuses; the queue is as it was before.
        """
        self._write(segment.encode_positions(dict(positions), lane=self.lane, seq=self._next - 1))
        self.positions.update(positions)

    def commit(self) -> None:
        """Make everything appended durable.

        Raises:
            SpoolError: the disk refuses twice; what was appended stays in memory and is written with the next commit.
        """
        if not self._pending:
            return
        try:
            if self._handle is None:
                self._begin()
            else:
                self._files.sync(self._handle)
        except OSError:
            self._begin()  # after a failed sync the descriptor says nothing true any more
        self._settle()

    def acknowledge(self, seq: int) -> None:
        """The collector holds everything up to `seq`."""
        seq = min(seq, self._committed)
        if seq <= self._acked:
            return
        self._acked = seq
        self._backlog.forget(seq)
        recovery.write_cursor(self._files, seq)
        self._backlog.let_go(seq, self._clock.mono_ns())

    def rewind(self, seq: int) -> None:
        """The collector has less than we thought: it goes on after `seq`."""
        self._acked = min(self._acked, seq)

    def read(self, after: int) -> Iterator[StoredFrame]:
        """The committed frames that follow a number without a break.

        Raises:
            SpoolError: the disk cannot be read now.
        """
        return self._backlog.read(after, self._committed)

    def made(self, seq: int) -> StoredFrame | None:
        """The frame of a number as it was made, committed or not, if it is held so; SpoolError as `read`."""
        waiting = (frame for frame in self._waiting if frame.seq == seq)
        return next(waiting, None) or self._backlog.made(seq)

    def begin_epoch(self, epoch: int) -> None:
        """Go on in a new epoch: what is not acknowledged is sent in it, numbers go on.

        Raises:
            SpoolError: the disk refuses; the epoch is the old one.
        """
        self.commit()
        before = self.epoch, self._since
        self.epoch, self._since = epoch, self._acked + 1
        try:
            self._begin()
        except SpoolError:
            self.epoch, self._since = before
            raise

    def close(self) -> None:
        """Commit and let go of the file; SpoolError when the disk refuses."""
        self.commit()
        self._drop()

    def _write(self, record: bytes) -> None:
        """Append a record to the newest segment, or to a new one when it is full; all of it or nothing."""
        if self._handle is None:
            self._begin()
            self._settle()
        if self._is_full:
            self.commit()
            self._begin()
        part = self._backlog.segments[-1]
        try:
            self._append(record, part.size)
        except OSError as error:
            raise self._refusal("cannot write", error) from error
        part.size += len(record)
        part.written_ns = self._clock.mono_ns()
        self._pending.append(record)

    @property
    def _is_full(self) -> bool:
        """Whether the newest segment takes no more; known before a frame is made, which may depend on it."""
        return self._backlog.segments[-1].size > max(self._segment_bytes, self._fresh_size)

    def _append(self, record: bytes, size: int) -> None:
        assert self._handle is not None  # noqa: S101 - _write has begun a segment
        try:
            self._files.append(self._handle, record)
        except OSError:
            try:
                self._files.truncate(self._handle, size)
            except OSError:
                self._drop()
            raise

    def _begin(self) -> None:
        """Begin a segment, durable with its name, that holds whatever is pending.

        Raises:
            SpoolError: the disk refuses; there is no segment to write to, and the next write begins one.
        """
        self._drop()
        first = self._committed + 1
        name = f"{first:016x}.seg"
        described = Description(
            format=segment.FORMAT,
            epoch=self.epoch,
            since=self._since,
            agent=self._owner.agent,
            boot=self._owner.boot,
            created_ns=self._clock.wall_ns(),
            positions=self.positions,
        )
        header = segment.describe(described, self.lane, first)
        data = header + b"".join(self._pending)
        try:
            self._handle = self._files.create(name, data)
        except OSError as error:
            raise self._refusal("cannot begin a segment", error) from error
        older = [part for part in self._backlog.segments if part.name != name]
        begun = Segment(name, first, self._next - 1, len(data), self._clock.mono_ns())
        self._backlog.segments = [*older, begun]
        self._fresh_size = len(header)
        self._clear_spent(name)

    def _settle(self) -> None:
        self._backlog.remember(self._waiting)
        self._waiting.clear()
        self._pending.clear()
        self._committed = self._next - 1

    def _drop(self) -> None:
        """Let go of the newest segment's handle; what is not committed does not count as its any more."""
        if self._handle is None:
            return
        self._files.close(self._handle)
        self._handle = None
        part = self._backlog.segments[-1]
        part.last = min(part.last, self._committed)

    def _clear_spent(self, successor: str) -> None:
        """Delete the segments without frames whose names kept the numbering; a newer one keeps it now."""
        while self._spent:
            name = self._spent.pop()
            if name != successor:
                with contextlib.suppress(OSError):
                    self._files.remove(name)

    def _refusal(self, what: str, error: OSError) -> SpoolError:
        return SpoolError(
            f"{self.lane.name.lower()} lane: {what}: {error.strerror}; giải phóng chỗ trên đĩa, kiểm tra đĩa / "
            "free space, check the disk"
        )
