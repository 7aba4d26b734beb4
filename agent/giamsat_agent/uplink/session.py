# SPDX-License-Identifier: Apache-2.0
"""What to send and what to forget. Decides only: no socket, no file, no clock of its own.

Two streams share one connection: one carries the urgent lane, the other the rest. What is unacknowledged on a stream
cannot be overtaken any more, so the number of unacknowledged bytes is the lever that lets an alert through a thin
link: the second stream keeps at most half a second's worth of what the link has been seen to carry.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from giamsat_agent.spool.state import LaneState, StoredFrame
from giamsat_wire.lane import Lane

URGENT_WINDOW: Final = 8 << 10
LEAST_WINDOW: Final = 4 << 10
LARGEST_WINDOW: Final = 256 << 10
WINDOW_S: Final = 0.5
HELD_UP_S: Final = 1.0
"""While an urgent frame waits longer than this for its acknowledgement, nothing new of other lanes is sent."""
SMOOTHING: Final = 0.3
METRIC_SHARE: Final = 10
"""Of ten frames the metric lane gets at least one, however many events wait."""
LONGEST_WAIT_S: Final = 300.0
_S: Final = 1_000_000_000


class Stream(Enum):
    """The two streams."""

    URGENT = "urgent"
    REST = "rest"

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes of this stream, most urgent first."""
        return (Lane.URGENT,) if self is Stream.URGENT else (Lane.EVENT, Lane.METRIC, Lane.BULK)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Frames to read and send next: of this lane, after this number, about so many bytes."""

    lane: Lane
    after: int
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The collector holds everything of `lane` in `epoch` up to and including `seq`."""

    lane: Lane
    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Resumption:
    """What follows from a HelloAck.

    `acknowledged`: tell the spool. `behind`: lanes of which the collector has less than we thought, to rewind to.
    `ahead`: lanes of which it has more than we ever gave: our spool went back in time and needs a new epoch.
    """

    acknowledged: tuple[Mark, ...]
    behind: tuple[Mark, ...]
    ahead: tuple[Mark, ...]


@dataclass(slots=True)
class _Sending:
    sent: int = 0
    in_flight: deque[tuple[int, int, int]] = field(default_factory=deque)  # seq, bytes, when
    credit: int | None = None
    hold_until_ns: int = 0

    @property
    def size(self) -> int:
        return sum(size for _, size, _ in self.in_flight)


class Session:
    """One agent's view of what the collector has, from one connection to the next."""

    def __init__(self) -> None:
        self._lanes = {lane: _Sending() for lane in Lane}
        self._rate = float(LARGEST_WINDOW) / WINDOW_S
        self._measured: dict[Stream, tuple[int, int]] = {}
        self._since_metric = 0
        self.quarantined_total = 0
        self.acknowledged_ns = 0

    def resumed(self, states: Mapping[Lane, LaneState], marks: Iterable[Mark]) -> Resumption:
        """Go on from what the collector says it holds, on a fresh stream."""
        acknowledged, behind, ahead = [], [], []
        for mark in marks:
            state, sending = states[mark.lane], self._lanes[mark.lane]
            sending.in_flight.clear()
            sending.credit, sending.hold_until_ns = None, 0
            if mark.epoch != state.epoch or mark.seq >= state.next:
                ahead.append(mark)
                sending.sent = state.first - 1
                continue
            if mark.seq < state.acked:
                behind.append(mark)
            else:
                acknowledged.append(mark)
            sending.sent = mark.seq
        return Resumption(tuple(acknowledged), tuple(behind), tuple(ahead))

    def wanted(self, stream: Stream, states: Mapping[Lane, LaneState], now_ns: int) -> Wanted | None:
        """What to send next on a stream; None while there is nothing, or no room."""
        if stream is Stream.REST and self._urgent_held_up(now_ns):
            return None
        room = self._window(stream) - sum(self._lanes[lane].size for lane in stream.lanes)
        if room <= 0:
            return None
        for lane in self._order(stream, states):
            sending = self._lanes[lane]
            allowed = room if sending.credit is None else min(room, sending.credit - sending.size)
            if now_ns >= sending.hold_until_ns and (allowed > 0 or not sending.in_flight):
                return Wanted(lane, max(sending.sent, states[lane].first - 1), max(allowed, 1))
        return None

    def sent(self, lane: Lane, frame: StoredFrame, now_ns: int) -> None:
        """A frame was handed to the connection."""
        sending = self._lanes[lane]
        sending.sent = frame.seq
        sending.in_flight.append((frame.seq, len(frame.payload), now_ns))
        self._since_metric = 0 if lane is Lane.METRIC else self._since_metric + 1

    def acknowledged(self, mark: Mark, credit: int, epoch: int, now_ns: int) -> Mark | None:
        """The collector holds more; what to tell the spool, None when the mark is of an old epoch."""
        if mark.epoch != epoch:
            return None
        sending = self._lanes[mark.lane]
        done, oldest = 0, now_ns
        while sending.in_flight and sending.in_flight[0][0] <= mark.seq:
            _, size, at = sending.in_flight.popleft()
            done, oldest = done + size, min(oldest, at)
        sending.credit = credit
        self.acknowledged_ns = now_ns
        if done and mark.lane is not Lane.URGENT and now_ns > oldest:
            rate = done * _S / (now_ns - oldest)
            self._rate += SMOOTHING * (rate - self._rate)
        return mark

    def out_of_order(self, lane: Lane, expected: int) -> None:
        """The collector goes on with `expected`: everything from there is sent again."""
        sending = self._lanes[lane]
        sending.in_flight.clear()
        sending.sent = expected - 1

    def overloaded(self, lane: Lane, expected: int, retry_after_ns: int, now_ns: int) -> None:
        """The collector asks to wait."""
        self.out_of_order(lane, expected)
        self._lanes[lane].hold_until_ns = now_ns + retry_after_ns

    def quarantined(self) -> None:
        """The collector set a frame aside; its acknowledgement comes like any other."""
        self.quarantined_total += 1

    def at_rest(self, stream: Stream) -> bool:
        """Whether everything sent on a stream has been acknowledged."""
        return not any(self._lanes[lane].in_flight for lane in stream.lanes)

    def next_hold_ns(self, stream: Stream, now_ns: int) -> int | None:
        """When a lane that was asked to wait may go on; None when none waits."""
        holds = [self._lanes[lane].hold_until_ns for lane in stream.lanes]
        return min((hold for hold in holds if hold > now_ns), default=None)

    def _window(self, stream: Stream) -> int:
        if stream is Stream.URGENT:
            return URGENT_WINDOW
        return int(min(max(self._rate * WINDOW_S, LEAST_WINDOW), LARGEST_WINDOW))

    def _urgent_held_up(self, now_ns: int) -> bool:
        in_flight = self._lanes[Lane.URGENT].in_flight
        return bool(in_flight) and now_ns - in_flight[0][2] > HELD_UP_S * _S

    def _order(self, stream: Stream, states: Mapping[Lane, LaneState]) -> list[Lane]:
        ready = [lane for lane in stream.lanes if states[lane].committed > self._lanes[lane].sent]
        if Lane.METRIC in ready and self._since_metric >= METRIC_SHARE - 1:
            ready.sort(key=lambda lane: lane is not Lane.METRIC)
        return ready


def wait_s(attempt: int, draw: float) -> float:
    """How long to wait before connection attempt `attempt` (0 is the first); `draw` is uniform in [0, 1)."""
    return draw * min(LONGEST_WAIT_S, 2.0 ** min(attempt, 16)) if attempt else draw * 0.2
