# SPDX-License-Identifier: Apache-2.0
"""The newest committed frames, kept in memory for the one who reads them next.

What is not here is in the database, which alone decides what there is: a reader that has fallen behind reads there.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.ingest.session import FRAME_BYTES

TAIL_BYTES: Final = 32 << 20
"""Memory for frames that are kept; beyond it the oldest go first."""


class Tail:
    """Frames in the order of their ids. Reading lets go of what was read.

    `news` is set whenever the database holds more, whether it is here or not.
    """

    def __init__(self, most_bytes: int = TAIL_BYTES) -> None:
        self.news = asyncio.Event()
        self._most_bytes = most_bytes
        self._bytes = 0
        self._frames: deque[StoredFrame] = deque()

    def add(self, committed: Iterable[StoredFrame]) -> None:
        """These frames are durable, and newer than any before them."""
        for frame in committed:
            self._frames.append(frame)
            self._bytes += _weight(frame)
        while self._bytes > self._most_bytes:
            self._drop()
        self.news.set()

    def after(self, frame_id: int, most: int) -> tuple[StoredFrame, ...]:
        """At most `most` frames that follow the one with this id without a gap; none when they are not here."""
        while self._frames and self._frames[0].id <= frame_id:
            self._drop()
        found: list[StoredFrame] = []
        for frame in self._frames:
            if frame.id != frame_id + 1 + len(found) or len(found) == most:
                break
            found.append(frame)
        return tuple(found)

    def _drop(self) -> None:
        self._bytes -= _weight(self._frames.popleft())


def _weight(frame: StoredFrame) -> int:
    return FRAME_BYTES + len(frame.payload)
