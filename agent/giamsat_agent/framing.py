# SPDX-License-Identifier: Apache-2.0
"""What sensors yielded, as frames in the spool. Everything passes through here, and is durable when it returns.

Events are committed before it is noted how far the logs have been read, so that after a crash a log is read again
from a place where nothing is missing. What is then read twice is recognised by its `event.id`. While the disk refuses,
events wait in memory, within a bound, and are written first when it takes them again.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Final

from giamsat_agent.errors import SpoolError
from giamsat_agent.spool.spool import Spool
from giamsat_wire import catalogue, limits
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import Encoded, Happenings, decode, encode_happenings, encode_readings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Position, SampleSet

REMEMBERED: Final = 4_096
"""Ids of events that are recognised when a log is read again; far more than one commit holds."""
UNSTORED_BYTES: Final = 4 << 20
"""Events that may wait in memory while the disk refuses them."""
FRAMES_REMEMBERED: Final = 32
"""Frames of each event lane looked at after a restart: more than one delivery can have left half done."""


class Framer:
    """Turns samples and events into committed frames."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._chain = ChainEncoder()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._unstored: deque[tuple[Lane, Encoded]] = deque()
        self._unstored_bytes = 0
        self.repeated_total = 0
        self.refused_total = 0
        self.dropped_total = 0

    @property
    def series_dropped_total(self) -> int:
        """Samples that exceeded the limit of series per agent."""
        return self._chain.dropped

    def remember(self) -> None:
        """Learn the ids of the newest committed events, so that a log read again adds nothing twice."""
        for lane in (Lane.URGENT, Lane.EVENT):
            newest = self._spool.state(lane).next - 1
            for frame in self._spool.read(lane, max(0, newest - FRAMES_REMEMBERED), limits.MESSAGE_BYTES):
                decoded = decode(frame.flags, frame.payload, ChainDecoder())
                if isinstance(decoded, Happenings):
                    for event in decoded.events:
                        self._is_new(event)
        self.repeated_total = 0

    def readings(self, reading: SampleSet) -> None:
        """Commit one metric frame; one that the disk refuses is dropped and counted, and the next one starts anew."""
        encoded = encode_readings(self._chain, [reading], begin=self._spool.begins_segment(Lane.METRIC))
        try:
            self._append(Lane.METRIC, encoded)
        except SpoolError:
            self.refused_total += 1
            self.dropped_total += 1
            self._chain.begin()

    def happenings(self, events: Iterable[Event], positions: Sequence[Position]) -> None:
        """Commit the events, each in the lane of its kind, urgent ones first; then note the positions.

        Raises:
            SpoolError: the disk refuses; the events wait in memory and go first next time.
        """
        by_lane: dict[Lane, list[Event]] = {}
        for event in events:
            if self._is_new(event):
                by_lane.setdefault(catalogue.lane_of(event.kind), []).append(event)
        for lane in sorted(by_lane):
            for frame in encode_happenings(by_lane[lane], ()):
                self._unstored.append((lane, frame))
                self._unstored_bytes += len(frame.payload)
        self._flush()
        if positions:
            self._spool.note(positions)

    def _flush(self) -> None:
        while self._unstored:
            lane, frame = self._unstored[0]
            try:
                self._append(lane, frame)
            except SpoolError:
                self.refused_total += 1
                self._bound()
                raise
            self._unstored.popleft()
            self._unstored_bytes -= len(frame.payload)

    def _bound(self) -> None:
        """Give up the oldest of what waits in memory when it becomes too much."""
        while self._unstored_bytes > UNSTORED_BYTES:
            _, frame = self._unstored.popleft()
            self._unstored_bytes -= len(frame.payload)
            self.dropped_total += 1

    def _append(self, lane: Lane, encoded: Encoded) -> None:
        self._spool.append(lane, encoded.flags, encoded.payload)
        self._spool.commit(lane)

    def _is_new(self, event: Event) -> bool:
        identity = event.fields.get("event.id")
        if not isinstance(identity, str):
            return True
        if identity in self._seen:
            self.repeated_total += 1
            return False
        self._seen[identity] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
