# SPDX-License-Identifier: Apache-2.0
"""How much of a backlog may be under way. Decides only: no socket and no clock of its own.

What has left cannot be overtaken any more, so on a thin link what is urgent waits for all that is under way. That is
what the link carries during its shortest trip there and back, which keeps it full, and `QUEUED_S` more: the rate times
the trip, as in LEDBAT (RFC 6817) and BBR. With any other window the rate that is measured would be that of the window,
and on a link whose trip takes longer both would shrink without end.
"""

from dataclasses import dataclass
from typing import Final

from giamsat_wire.clock import SECOND_NS

LEAST_WINDOW: Final = 4 << 10
LARGEST_WINDOW: Final = 256 << 10
QUEUED_S: Final = 0.25
"""What may wait in front of the link."""
FRAME_S: Final = 0.25
"""What a frame may take on the link: once it has left, nothing overtakes it. No trip is taken to be shorter."""
LONGEST_TRIP_S: Final = 1.0
"""A trip that took longer waited, for the collector or behind what other programs send."""
SMALLEST_FRAME: Final = 2 << 10
LARGEST_FRAME: Final = 32 << 10
"""A link may become thin after its backlog was framed."""
FRAMES: Final = 2
"""One is on the link while the other is acknowledged."""
SMOOTHING: Final = 0.3
TRIP_KEPT_NS: Final = 30 * SECOND_NS
"""After so long the link is let run empty once, or what waits in front of it would be taken for the way."""


@dataclass(frozen=True, slots=True)
class Departure:
    """What was known when a frame left: the time, and the bytes that had been delivered before.

    `alone` says that the link was far from full, so that its time says little about what the link carries.
    """

    at_ns: int
    delivered: int
    alone: bool


class Pace:
    """What a link has been seen to carry."""

    def __init__(self) -> None:
        self._rate = LEAST_WINDOW / (LONGEST_TRIP_S + QUEUED_S)
        self._trip_s = LONGEST_TRIP_S
        self._old_ns = 0
        self._anew = False
        self.delivered = 0

    @property
    def frame_bytes(self) -> int:
        """How large a frame should be that is made now."""
        return int(min(max(self._rate * FRAME_S, SMALLEST_FRAME), LARGEST_FRAME))

    @property
    def window(self) -> int:
        """Bytes that may be under way."""
        return int(min(max(self._rate * (self._trip_s + QUEUED_S), LEAST_WINDOW), LARGEST_WINDOW))

    def takes_s(self, size: int) -> float:
        """How long the link would take for so many bytes."""
        return size / self._rate

    def room(self, frames: int, under_way: int, now_ns: int) -> int:
        """Bytes that may be sent while so many frames, of so many bytes, are under way."""
        if frames and now_ns >= self._old_ns:
            return 0
        room = self.window - under_way
        # A frame goes whole: of those that would go far beyond the window only the second does, or the link stood still
        # while the first is acknowledged.
        return room if frames < FRAMES or 2 * room >= self.frame_bytes else 0

    def leaves(self, size: int, under_way: int, now_ns: int) -> Departure:
        """A frame leaves while so many bytes are under way before it."""
        if not under_way and now_ns >= self._old_ns:
            self._anew, self._old_ns = True, now_ns + TRIP_KEPT_NS
        return Departure(now_ns, self.delivered, alone=under_way + size < self.window // 2)

    def arrived(self, newest: Departure, now_ns: int) -> None:
        """Everything up to this frame is delivered, and counted in `delivered`: learn what the link carries."""
        took_s = (now_ns - newest.at_ns) / SECOND_NS
        if took_s <= 0:
            return
        self._trip_s = max(FRAME_S, min(took_s, LONGEST_TRIP_S if self._anew else self._trip_s))
        self._anew = False
        rate = (self.delivered - newest.delivered) / took_s
        if rate > self._rate or not newest.alone:
            self._rate += SMOOTHING * (rate - self._rate)
