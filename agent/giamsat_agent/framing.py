# SPDX-License-Identifier: Apache-2.0
"""What sensors yielded, as frames in the spool. Everything passes through here, and is durable when it returns.

Events are committed before it is noted how far the logs have been read, so that after a crash a log is read again
from a place where nothing is missing. What is then read twice is recognised by its `event.id`. While the disk refuses,
events wait in memory, within a bound and each lane by itself, and are written first when it takes them again.
"""

import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from giamsat_agent.errors import SpoolError
from giamsat_agent.sensor import ITEMS_PER_READING
from giamsat_agent.source_counters import Tally
from giamsat_agent.spool.spool import Spool
from giamsat_wire import catalogue, limits
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import Encoded, Happenings, decode, encode_happenings, encode_readings
from giamsat_wire.errors import WireError
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Position, Sample, SampleSet

REMEMBERED: Final = 2 * ITEMS_PER_READING
"""Ids of events of a lane that are recognised when a log is read again: one commit holds no more than a reading that
overran, and the one after it.
"""
UNSTORED_BYTES: Final = 4 << 20
"""Events that may wait in memory while the disk refuses them."""
FRAMES_REMEMBERED: Final = 512
"""Frames of each event lane looked at after a restart: more than one delivery can have left half done."""


class Framer:
    """Turns samples and events into committed frames; those of events are no larger than `frame_bytes` says."""

    def __init__(self, spool: Spool, frame_bytes: Callable[[], int] = lambda: limits.FRAME_BYTES) -> None:
        self._spool = spool
        self._frame_bytes = frame_bytes
        self._chain = ChainEncoder()
        self._seen: dict[Lane, OrderedDict[str, None]] = {lane: OrderedDict() for lane in Lane}
        self._unstored: dict[Lane, deque[Encoded]] = {lane: deque() for lane in Lane}
        self._unstored_bytes = 0
        self.tally = Tally()
        self.dropped_total = 0
        self._readings_refused = self._happenings_refused = ""

    def counted(self) -> tuple[Sample, ...]:
        """What each source yielded, and what was not kept: nothing is lost without a number going up."""
        return (
            *self.tally.samples(),
            Sample("giamsat_agent_samples_dropped_total", float(self._chain.dropped)),
            Sample("giamsat_agent_frames_dropped_total", float(self.dropped_total)),
            Sample("giamsat_agent_readings_thinned_total", float(self._spool.thinned_total)),
        )

    def remember(self) -> None:
        """Learn the ids of the newest committed events, so that a log read again adds nothing twice."""
        for lane in (Lane.URGENT, Lane.EVENT):
            # What cannot be read costs at most a repetition, and is no reason not to start.
            with contextlib.suppress(SpoolError):
                for identity in reversed(self._newest(lane)):
                    self._seen[lane][identity] = None

    def _newest(self, lane: Lane) -> Sequence[str]:
        """The ids of a lane's newest committed events, the newest first; what is damaged is passed over."""
        found: list[str] = []
        newest = self._spool.state(lane).committed
        for seq in range(newest, max(newest - FRAMES_REMEMBERED, 0), -1):
            frame = self._spool.made(lane, seq)
            with contextlib.suppress(WireError):
                decoded = None if frame is None else decode(frame.flags, frame.payload, ChainDecoder())
                events = decoded.events if isinstance(decoded, Happenings) else ()
                found += [its for event in reversed(events) if isinstance(its := event.fields.get("event.id"), str)]
            if len(found) >= REMEMBERED:
                break
        return found[:REMEMBERED]

    @property
    def refusal(self) -> str:
        """Why the spool did not take the readings, or the events, that it was last given; empty where it did."""
        return self._happenings_refused or self._readings_refused

    @property
    def waits(self) -> bool:
        """Whether events, or how far logs have been read, wait for the disk to take them or to make them durable."""
        return self._unstored_bytes > 0 or bool(self._happenings_refused)

    def readings(self, reading: SampleSet) -> None:
        """Commit one metric frame; one that the disk refuses is dropped and counted, and the next one starts anew."""
        encoded = encode_readings(self._chain, [reading], begin=self._spool.begins_segment(Lane.METRIC))
        try:
            self._spool.append(Lane.METRIC, encoded.flags, encoded.payload)
        except SpoolError as error:
            self.dropped_total += 1
            self._chain.begin()
            self._readings_refused = str(error)
            return
        try:
            self._spool.commit(Lane.METRIC)
        except SpoolError as error:  # the spool keeps the frame and writes it with the next one
            self._readings_refused = str(error)
        else:
            self._readings_refused = ""

    def happenings(self, events: Iterable[Event], positions: Sequence[Position]) -> None:
        """Commit the events, each in the lane of its kind, urgent ones first; then note the positions.

        Raises:
            SpoolError: the disk refuses; the events wait in memory and go first next time.
        """
        by_lane: dict[Lane, list[Event]] = {}
        for event in events:
            lane = catalogue.lane_of(event.kind)
            if self._is_new(lane, event):
                by_lane.setdefault(lane, []).append(event)
        for lane, its in by_lane.items():
            self.tally.produced(its)
            for frame in encode_happenings(its, most_bytes=self._frame_bytes()):
                self._unstored[lane].append(frame)
                self._unstored_bytes += len(frame.payload)
        refusals = [refusal for lane in Lane if (refusal := self._flush(lane)) is not None]
        self._happenings_refused = str(refusals[0]) if refusals else ""
        if refusals:
            self._bound()
            raise refusals[0]
        if positions:
            try:
                self._spool.note(positions)
            except SpoolError as error:
                self._happenings_refused = str(error)
                raise

    def _flush(self, lane: Lane) -> SpoolError | None:
        """Commit what waits for a lane, and what the spool could not commit before; why not, if it could not be."""
        waiting = self._unstored[lane]
        refusal = None
        try:
            while waiting:
                self._spool.append(lane, waiting[0].flags, waiting[0].payload)
                self._unstored_bytes -= len(waiting.popleft().payload)
        except SpoolError as error:
            refusal = error
        try:
            self._spool.commit(lane)
        except SpoolError as error:
            refusal = error
        return refusal

    def _bound(self) -> None:
        """Give up the oldest of what waits in memory when it becomes too much, the least urgent first."""
        for lane in reversed(Lane):
            while self._unstored[lane] and self._unstored_bytes > UNSTORED_BYTES:
                given_up = self._unstored[lane].popleft()
                self._unstored_bytes -= len(given_up.payload)
                self.dropped_total += 1
                decoded = decode(given_up.flags, given_up.payload, ChainDecoder())
                self.tally.dropped(decoded.events if isinstance(decoded, Happenings) else ())

    def _is_new(self, lane: Lane, event: Event) -> bool:
        identity, seen = event.fields.get("event.id"), self._seen[lane]
        if not isinstance(identity, str):
            return True
        if identity in seen:
            return False
        seen[identity] = None
        if len(seen) > REMEMBERED:
            seen.popitem(last=False)
        return True
