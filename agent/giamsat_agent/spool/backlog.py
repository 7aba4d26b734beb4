# SPDX-License-Identifier: Apache-2.0
"""What of one lane can be read: its segments on the disk, and the newest frames, which are still in memory.

A frame that turns out to be damaged ends a reading: what comes after it is sent once its loss has been declared.
"""

import errno
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool import segment, thinning
from giamsat_agent.spool.files import Files
from giamsat_agent.spool.recovery import Segment
from giamsat_agent.spool.segment import Record
from giamsat_agent.spool.state import StoredFrame
from giamsat_agent.spool.thinning import Thinned
from giamsat_wire.lane import Lane

RECENT_BYTES: Final = 256 << 10
"""Committed frames kept in memory, so that what has just been written is not read again to be sent."""
RETAINED_NS: Final = 15 * 60 * 1_000_000_000
"""Acknowledged segments stay this long, so that a collector restored from a backup can ask for them again."""
RETAINED_BYTES: Final = 16 << 20
_GONE: Final = (errno.EIO, errno.ENOENT)
"""Errors after which a segment will not be readable later either."""


class Backlog:
    """The committed frames of a lane, oldest first."""

    def __init__(self, lane: int, files: Files, segments: list[Segment], holes: list[tuple[int, int]]) -> None:
        self.segments = segments
        self.holes = holes
        self._lane = lane
        self._files = files
        self._recent: deque[StoredFrame] = deque()
        self._recent_bytes = 0
        self._cached: tuple[str, list[StoredFrame]] = ("", [])
        self.read_to = 0

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(part.size for part in self.segments)

    def waiting(self, acked: int) -> int:
        """Bytes of the segments that are not acknowledged whole."""
        return sum(part.size for part in self.segments if part.last > acked)

    @property
    def first(self) -> int | None:
        """The oldest number that is held; None when none is."""
        return next((part.first for part in self.segments if not part.is_empty), None)

    def remember(self, frames: Iterable[StoredFrame]) -> None:
        """Keep just committed frames in memory, the newest within the bound."""
        for frame in frames:
            self._recent.append(frame)
            self._recent_bytes += len(frame.payload)
        while self._recent_bytes > RECENT_BYTES and len(self._recent) > 1:
            self._recent_bytes -= len(self._recent.popleft().payload)

    def forget(self, acked: int) -> None:
        """Holes that were passed by need not be known any more, nor frames that were sent be in memory."""
        self.holes = [hole for hole in self.holes if hole[1] > acked]
        if self._cached[1] and self._cached[1][-1].seq <= acked:
            self._cached = ("", [])

    def read(self, after: int, until: int) -> Iterator[StoredFrame]:
        """The frames that follow number `after` without a break, up to `until`; a break is added to `holes`.

        When frames after `after` are not held any more, it begins with the oldest that is.
        """
        after = max(after, (self.first or 1) - 1)
        for frame in self._from(after):
            if frame.seq > until:
                return
            if frame.seq != after + 1:
                self._note(after + 1, frame.seq - 1)
                return
            self.read_to = max(self.read_to, frame.seq)
            yield frame
            after = frame.seq
        if after < until:
            self._note(after + 1, until)

    def made(self, seq: int) -> StoredFrame | None:
        """The frame of a number as it was made; None where it is not held, or may have been thinned since.

        Raises:
            SpoolError: the disk cannot be read now.
        """
        part = next((part for part in self.segments if part.first <= seq <= part.last), None)
        if part is None or (self._lane == Lane.METRIC and part.every > 1):
            return None
        found = next(self._from(seq - 1), None)
        return found if found is not None and found.seq == seq else None

    def let_go(self, acked: int, now_ns: int) -> None:
        """Delete acknowledged segments that are old enough, or too many; never the newest."""
        segments = self.segments
        while len(segments) > 1 and segments[0].last <= acked:
            done = sum(part.size for part in segments if part.last <= acked)
            if now_ns - segments[0].written_ns < RETAINED_NS and done <= RETAINED_BYTES:
                return
            try:
                self._files.remove(segments[0].name)
            except OSError:
                return  # tried again with the next acknowledgement
            segments.pop(0)

    def thinnable(self, after: int) -> tuple[Segment, Thinned] | None:
        """What the oldest of the segments that are thinned least would be, thinned further; None when none can be.

        Only those that begin after a number are looked at, and none that may be under way or is still written.

        Raises:
            SpoolError: the disk cannot be read now.
        """
        untouched = max(after, self.read_to)
        found = [at for at, part in enumerate(self.segments[:-1]) if part.first > untouched and not part.is_empty]
        for at in sorted(found, key=lambda at: self.segments[at].every):
            part, follower = self.segments[at], self.segments[at + 1]
            if part.every == thinning.MOST:
                return None
            fewer = self._fewer(part, follower)
            if fewer is not None:
                return part, fewer
            part.every = thinning.MOST  # what is in it stays as it is
        return None

    def rewrite(self, part: Segment, fewer: Thinned) -> None:
        """Put a thinned segment in the place of the one it was made of.

        Raises:
            SpoolError: the disk refuses; the segment is as it was, and is not thinned again.
        """
        part.every = thinning.MOST
        try:
            self._files.close(self._files.create(part.name, fewer.data))
        except OSError as error:
            raise SpoolError(
                f"{part.name}: cannot be thinned: {error.strerror}; giải phóng chỗ trên đĩa, kiểm tra đĩa / "
                "free space, check the disk"
            ) from error
        part.every, part.size = fewer.every, len(fewer.data)
        self._recent = deque(frame for frame in self._recent if frame.seq > part.last)
        self._recent_bytes = sum(len(frame.payload) for frame in self._recent)

    def _fewer(self, part: Segment, follower: Segment) -> Thinned | None:
        """A segment thinned further; None when that makes it no smaller, or either cannot be read whole now."""
        records, following = self._records(part), self._records(follower)
        if not (_is_whole(part, records) and _is_whole(follower, following) and thinning.begins_chain(following)):
            return None
        fewer = thinning.thinned(records, self._lane, part.every * 2)
        return fewer if fewer is not None and len(fewer.data) < part.size else None

    def _records(self, part: Segment) -> list[Record]:
        seen = segment.survey(self._content(part), self._lane, int(part.name[:16], 16))
        return [record for record in seen.records if not record.is_frame or record.seq <= part.last]

    def _content(self, part: Segment) -> bytes:
        try:
            return self._files.read(part.name)
        except OSError as error:
            if error.errno not in _GONE:
                raise SpoolError(f"{part.name}: cannot be read now: {error.strerror}; tried again later") from error
            return b""

    def _note(self, first: int, last: int) -> None:
        if not any(known[0] <= first and last <= known[1] for known in self.holes):
            self.holes.append((first, last))

    def _from(self, after: int) -> Iterator[StoredFrame]:
        if self._recent and after + 1 >= self._recent[0].seq:
            yield from [frame for frame in self._recent if frame.seq > after]
            return
        for part in list(self.segments):
            if not part.is_empty and part.last > after:
                for frame in self._load(part):
                    if frame.seq > after:
                        after = frame.seq
                        yield frame

    def _load(self, part: Segment) -> list[StoredFrame]:
        key = f"{part.name}:{part.size}"
        if self._cached[0] != key:
            self._cached = ("", [])  # or two were in memory at once
            frames = [
                StoredFrame(record.seq, record.flags, record.payload, record.crc)
                for record in self._records(part)
                if record.is_frame
            ]
            self._cached = (key, frames)
        return self._cached[1]


def _is_whole(part: Segment, records: list[Record]) -> bool:
    """Whether these are all the frames of a segment: what could not be read must not be taken for what is not there."""
    return [record.seq for record in records if record.is_frame] == list(range(part.first, part.last + 1))
