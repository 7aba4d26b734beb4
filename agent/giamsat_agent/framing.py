# SPDX-License-Identifier: Apache-2.0
"""What sensors yielded, as frames in the spool. Everything passes through here, and is durable when it returns.

Events go before the positions that cover them: an urgent event is committed with its own frame, and the positions of
the logs travel in the last frame of a delivery, so that after a crash a log is read again from a place where nothing
is missing. What is then read twice is recognised by its `event.id`.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from giamsat_agent.spool.spool import Spool
from giamsat_wire import catalogue, limits
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import Encoded, Happenings, decode, encode_happenings, encode_loss, encode_readings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Loss, Position, SampleSet

REMEMBERED: Final = 4_096
"""Ids of events that are recognised when a log is read again; far more than one commit holds."""
FRAMES_REMEMBERED: Final = 32
"""Frames of each event lane looked at after a restart: more than one delivery can have left half done."""


class Framer:
    """Turns samples and events into committed frames."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._chain = ChainEncoder()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self.events_total = 0
        self.repeated_total = 0

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
        self.events_total = self.repeated_total = 0

    def readings(self, reading: SampleSet) -> None:
        """Commit one metric frame."""
        encoded = encode_readings(self._chain, [reading], begin=self._spool.begins_segment(Lane.METRIC))
        self._append(Lane.METRIC, encoded, ())

    def happenings(self, events: Iterable[Event], positions: Sequence[Position]) -> None:
        """Commit the events, each in the lane of its kind, urgent ones first."""
        by_lane: dict[Lane, list[Event]] = {}
        for event in events:
            if self._is_new(event):
                by_lane.setdefault(catalogue.lane_of(event.kind), []).append(event)
        lanes = sorted(by_lane)
        for lane in lanes:
            its_positions = positions if lane == lanes[-1] else ()
            frames = encode_happenings(by_lane[lane], its_positions)
            for frame in frames:
                self._append(lane, frame, its_positions if frame is frames[-1] else ())

    def losses(self, losses: Iterable[Loss]) -> None:
        """Commit the declaration of frames that were given up."""
        for loss in losses:
            self._append(Lane.URGENT, encode_loss(loss), ())

    def _append(self, lane: Lane, encoded: Encoded, positions: Sequence[Position]) -> None:
        self._spool.append(lane, encoded.flags, encoded.payload, tuple(positions))
        self._spool.commit(lane)

    def _is_new(self, event: Event) -> bool:
        identity = event.fields.get("event.id")
        self.events_total += 1
        if not isinstance(identity, str):
            return True
        if identity in self._seen:
            self.repeated_total += 1
            return False
        self._seen[identity] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
