# SPDX-License-Identifier: Apache-2.0
"""One lane's queue on the disk. Frames leave it only when they are acknowledged, or evicted with a declaration.

Appended frames count from `commit` on: only then are they sent, and only then may their source be told. The segments
are the only truth; the cursor only saves sending again what was acknowledged.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool import recovery, segment
from giamsat_agent.spool.files import Files
from giamsat_agent.spool.recovery import Segment
from giamsat_agent.spool.segment import Description
from giamsat_agent.spool.state import LaneState, Owner, StoredFrame
from giamsat_wire.clock import Clock
from giamsat_wire.lane import Lane

SEGMENT_BYTES: Final = 1 << 20
RECENT_BYTES: Final = 256 << 10
"""Committed frames kept in memory, so that what has just been written is not read again to be sent."""
RETAINED_NS: Final = 15 * 60 * 1_000_000_000
"""Acknowledged segments stay this long, so that a collector restored from a backup can ask for them again."""
RETAINED_BYTES: Final = 16 << 20


class LaneQueue:
    """The queue of one lane."""

    def __init__(
        self, lane: Lane, files: Files, *, owner: Owner, clock: Clock, cap_bytes: int, fresh_epoch: int
    ) -> None:
        found = recovery.recover(files, lane)
        self.lane = lane
        self.epoch = found.epoch or fresh_epoch
        self.positions = found.positions
        self.holes = tuple(found.holes)
        self.damaged = found.damaged
        self.cap_bytes = cap_bytes
        self.next = found.next
        self.acked = found.acked
        self.committed = found.next - 1
        self._files = files
        self._owner = owner
        self._clock = clock
        self._segments = found.segments
        self._born: dict[str, int] = {}
        self._pending: list[bytes] = []
        self._waiting: list[StoredFrame] = []
        self._recent: deque[StoredFrame] = deque()
        self._recent_bytes = 0
        self._cached: tuple[str, list[StoredFrame]] = ("", [])
        self._segment_bytes = min(SEGMENT_BYTES, cap_bytes // 8)
        self._handle = -1
        self._roll()
        for name in found.empty:
            if name != self._segments[-1].name:
                files.remove(name)

    @property
    def state(self) -> LaneState:
        """Where the lane stands."""
        held = [part.first for part in self._segments if part.frames]
        first = held[0] if held else self.next
        return LaneState(self.epoch, first, self.next, self.acked, self.committed, self.size)

    @property
    def size(self) -> int:
        """What the segments take on the disk."""
        return sum(part.size for part in self._segments)

    @property
    def begins_segment(self) -> bool:
        """Whether the next frame is the first of its segment."""
        return self._segments[-1].frames == 0

    def full_for(self, size: int) -> bool:
        """Whether a frame of `size` needs an eviction first."""
        return self.size + size + segment.OVERHEAD > self.cap_bytes

    def evict(self) -> tuple[int, int] | None:
        """Give up the oldest segment; the unacknowledged numbers that go with it, if any."""
        if len(self._segments) == 1:
            self._roll()
        oldest = self._segments.pop(0)
        self._files.remove(oldest.name)
        if oldest.frames == 0 or oldest.last <= self.acked:
            return None
        return max(oldest.first, self.acked + 1), oldest.last

    def oldest(self) -> tuple[int, int] | None:
        """The unacknowledged numbers the next eviction would give up."""
        part = self._segments[0]
        return None if part.frames == 0 or part.last <= self.acked else (max(part.first, self.acked + 1), part.last)

    def append(self, flags: int, payload: bytes) -> int:
        """Write a frame at the end; its number. It counts from the next `commit` on.

        Raises:
            SpoolError: the disk refuses; the queue is as it was before.
        """
        seq = self.next
        record = segment.encode(flags=flags, lane=self.lane, seq=seq, payload=payload)
        frame = StoredFrame(seq, flags, payload, int.from_bytes(record[16:20], "little"))
        self._write(record)
        part = self._segments[-1]
        part.frames += 1
        part.first = seq if part.frames == 1 else part.first
        part.last = seq
        self.next = seq + 1
        self._waiting.append(frame)
        return seq

    def note(self, positions: Mapping[str, bytes]) -> None:
        """Write down how far the log sources have been read; counts from the next `commit` on.

        Raises:
            SpoolError: the disk refuses; the queue is as it was before.
        """
        self._write(segment.encode_positions(dict(positions), lane=self.lane, seq=self.next - 1))
        self.positions.update(positions)

    def commit(self) -> None:
        """Make everything appended durable.

        Raises:
            SpoolError: the disk refuses twice; the frames are in the file but must not be relied upon.
        """
        if not self._pending:
            return
        try:
            self._files.sync(self._handle)
        except OSError:
            self._rewrite()
        self._pending.clear()
        for frame in self._waiting:
            self._recent.append(frame)
            self._recent_bytes += len(frame.payload)
        self._waiting.clear()
        while self._recent_bytes > RECENT_BYTES and len(self._recent) > 1:
            self._recent_bytes -= len(self._recent.popleft().payload)
        self.committed = self.next - 1

    def acknowledge(self, seq: int) -> None:
        """The collector holds everything up to `seq`."""
        if seq <= self.acked:
            return
        self.acked = min(seq, self.committed)
        recovery.write_cursor(self._files, self.acked)
        self._let_go()

    def rewind(self, seq: int) -> None:
        """The collector has less than we thought: it goes on after `seq`."""
        self.acked = min(self.acked, seq)

    def read(self, after: int, most_bytes: int) -> Iterator[StoredFrame]:
        """Committed frames after a number, oldest first, until `most_bytes` are exceeded; at least one if any."""
        taken = 0
        for frame in self._from(after):
            if frame.seq > self.committed or (taken and taken + len(frame.payload) > most_bytes):
                return
            taken += len(frame.payload)
            yield frame

    def begin_epoch(self, epoch: int) -> None:
        """Go on in a new epoch: what is still held is sent in it, numbers go on."""
        self.commit()
        self.epoch = epoch
        self.acked = min(self.acked, self.state.first - 1)
        self._roll()

    def close(self) -> None:
        """Commit and let go of the file."""
        self.commit()
        self._files.close(self._handle)

    def _from(self, after: int) -> Iterator[StoredFrame]:
        if self._recent and after + 1 >= self._recent[0].seq:
            yield from [frame for frame in self._recent if frame.seq > after]
            return
        for part in list(self._segments):
            if part.frames and part.last > after:
                for frame in self._load(part):
                    if frame.seq > after:
                        after = frame.seq
                        yield frame

    def _load(self, part: Segment) -> list[StoredFrame]:
        key = f"{part.name}:{part.size}"
        if self._cached[0] != key:
            data = self._files.read(part.name)
            frames = [
                StoredFrame(record.seq, record.flags, record.payload, record.crc)
                for record in segment.scan(data, self.lane)
                if record.is_frame
            ]
            self._cached = (key, frames)
        return self._cached[1]

    def _write(self, record: bytes) -> None:
        """Append a record to the newest segment, or to a new one when it is full; all of it or nothing."""
        try:
            if self._segments[-1].frames and self._segments[-1].size + len(record) > self._segment_bytes:
                self.commit()
                self._roll()
            try:
                self._files.append(self._handle, record)
            except OSError:
                self._files.truncate(self._handle, self._segments[-1].size)
                raise
        except OSError as error:
            raise SpoolError(
                f"{self.lane.name.lower()} lane: cannot write: {error.strerror}; free disk space"
            ) from error
        self._segments[-1].size += len(record)
        self._pending.append(record)

    def _rewrite(self) -> None:
        """After a failed sync the descriptor is dead: what was pending goes to a new segment."""
        pending = b"".join(self._pending)
        numbers = len(self._waiting)
        first = self._waiting[0].seq if self._waiting else self.next
        part = self._segments[-1]
        part.frames -= numbers
        part.last = first - 1
        try:
            self._roll(first)
            self._files.append(self._handle, pending)
            self._files.sync(self._handle)
        except OSError as error:
            raise SpoolError(f"{self.lane.name.lower()} lane: cannot be made durable: {error.strerror}") from error
        fresh = self._segments[-1]
        fresh.size += len(pending)
        fresh.frames, fresh.first, fresh.last = numbers, first, first + numbers - 1

    def _roll(self, first: int | None = None) -> None:
        """Begin a new segment: durable header and name before any frame of it counts."""
        if self._handle >= 0:
            self._files.close(self._handle)
            self._handle = -1
        first = self.next if first is None else first
        name = f"{first:016x}.seg"
        described = segment.describe(
            Description(
                format=segment.FORMAT,
                epoch=self.epoch,
                agent=self._owner.agent,
                boot=self._owner.boot,
                created_ns=self._clock.wall_ns(),
                positions=self.positions,
            ),
            self.lane,
            first,
        )
        self._handle = self._files.create(name)
        self._files.append(self._handle, described)
        self._files.sync(self._handle)
        self._files.sync_folder()
        self._segments = [part for part in self._segments if part.name != name]
        self._segments.append(Segment(name, first, first - 1, len(described)))
        self._born[name] = self._clock.mono_ns()

    def _let_go(self) -> None:
        """Delete acknowledged segments that are old enough, or too many; never the newest."""
        now = self._clock.mono_ns()
        while len(self._segments) > 1 and self._segments[0].last <= self.acked:
            done = sum(part.size for part in self._segments if part.last <= self.acked)
            oldest = self._segments[0]
            if now - self._born.get(oldest.name, 0) < RETAINED_NS and done <= RETAINED_BYTES:
                return
            self._segments.pop(0)
            self._born.pop(oldest.name, None)
            self._files.remove(oldest.name)
