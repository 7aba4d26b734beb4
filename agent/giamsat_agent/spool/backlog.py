# SPDX-License-Identifier: Apache-2.0
"""What of one lane can be read: its segments on the disk, and the newest frames, which are still in memory.

A frame that turns out to be damaged ends a reading: what comes after it is sent once its loss has been declared.
"""

import errno
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool import segment
from giamsat_agent.spool.files import Files
from giamsat_agent.spool.recovery import Segment
from giamsat_agent.spool.state import StoredFrame

RECENT_BYTES: Final = 256 << 10
"""Committed frames kept in memory, so that what has just been written is not read again to be sent."""
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

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(part.size for part in self.segments)

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
        """Holes that were passed by need not be known any more."""
        self.holes = [hole for hole in self.holes if hole[1] > acked]

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
            yield frame
            after = frame.seq
        if after < until:
            self._note(after + 1, until)

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
            try:
                data = self._files.read(part.name)
            except OSError as error:
                if error.errno not in _GONE:
                    raise SpoolError(f"{part.name}: cannot be read now: {error.strerror}; tried again later") from error
                data = b""
            seen = segment.survey(data, self._lane, int(part.name[:16], 16))
            frames = [
                StoredFrame(record.seq, record.flags, record.payload, record.crc)
                for record in seen.records
                if record.is_frame and record.seq <= part.last
            ]
            self._cached = (key, frames)
        return self._cached[1]
