# SPDX-License-Identifier: Apache-2.0
"""What else happened on a host about some time, out of the frames that are kept. Pure."""

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from giamsat_collector.ingest.frames import StoredFrame
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import Happenings, decode
from giamsat_wire.errors import MalformedError
from giamsat_wire.record import Event

MOST: Final = 500
"""Events that are kept, those nearest in time to the middle; what is beyond is counted."""
ROOM: Final = 4_000_000
"""Characters that all of them may have together: a host that tells much takes no more of a page than that."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when (UNIX nanoseconds, both included), and the moment that matters most."""

    since_ns: int
    middle_ns: int
    until_ns: int


@dataclass(frozen=True, slots=True)
class Around:
    """Events with their times, in order of time. Of `beyond` more there was no room, `unread` frames are unreadable."""

    events: tuple[tuple[int, Event], ...] = ()
    beyond: int = 0
    unread: int = 0


def around(frames: Iterable[StoredFrame], asset: str, span: Span, leave_out: frozenset[str] = frozenset()) -> Around:
    """The events of a host in a span, without those of the kinds to `leave_out`."""
    nearest: list[tuple[int, int, int, Event]] = []
    numbers, beyond, unread, room, edge = count(), 0, 0, ROOM, math.inf
    for frame in frames:
        if frame.agent != asset:
            continue
        try:
            found = list(_events(frame, span, leave_out))
        except MalformedError:
            unread += 1
            continue
        for at_ns, event in found:
            apart = abs(at_ns - span.middle_ns)
            if apart >= edge:
                beyond += 1
                continue
            heapq.heappush(nearest, (-apart, next(numbers), at_ns, event))
            room -= _characters(event)
            while len(nearest) > MOST or room < 0:
                far, _, _, left_out = heapq.heappop(nearest)
                room, edge, beyond = room + _characters(left_out), -far, beyond + 1
    in_order = sorted(nearest, key=lambda one: (one[2], one[1]))
    return Around(tuple((at_ns, event) for _, _, at_ns, event in in_order), beyond, unread)


def _events(frame: StoredFrame, span: Span, leave_out: frozenset[str]) -> Iterator[tuple[int, Event]]:
    decoded = decode(frame.flags, frame.payload, ChainDecoder(()))
    for event in decoded.events if isinstance(decoded, Happenings) else ():
        at_ns = frame.when(event.wall_ns).at_ns
        if span.since_ns <= at_ns <= span.until_ns and event.kind not in leave_out:
            yield at_ns, event


def _characters(event: Event) -> int:
    return sum(len(name) + len(str(value)) for name, value in event.fields.items())
