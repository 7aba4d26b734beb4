# SPDX-License-Identifier: Apache-2.0
"""What to send and what to forget. Decides only: no socket, no file, no clock of its own.

Two streams share one connection: one carries the urgent lane, the other the rest. What is unacknowledged on a stream
cannot be overtaken any more, so the number of unacknowledged bytes is the lever that lets an alert through a thin
link; how much of the second stream may be under way, `pace` says.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from giamsat_agent.spool.state import LaneState, StoredFrame
from giamsat_agent.uplink.pace import Departure, Pace
from giamsat_wire import limits
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.lane import Lane

URGENT_WINDOW: Final = 8 << 10
HELD_UP_S: Final = 1.0
"""While an urgent frame waits longer than this for its acknowledgement, nothing new of other lanes is sent."""
METRIC_SHARE: Final = 10
"""Of ten frames the metric lane gets at least one, however many events wait."""
FRAMES_AT_ONCE: Final = 64
"""Frames handed on before it is looked again for something more urgent."""
FRAMES_UNDER_WAY: Final = 256
"""Of one lane, however small they are: the collector lets about three hundred wait for a commit."""
LONGEST_WAIT_S: Final = 60.0
"""Every agent is back a minute after a collector is, and a line that came back is used a minute later."""
REFUSED_WAIT_S: Final = 300.0
"""Who was refused does not insist."""
LONGEST_HOLD_NS: Final = 60 * SECOND_NS
"""A collector that asks for more than a minute is asked again after one."""


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
    """Frames to read and send next: of this lane, after this number, at most so many bytes (one frame always)."""

    lane: Lane
    after: int
    most_bytes: int
    most_frames: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The collector holds everything of `lane` in `epoch` up to and including `seq`.

    `crc` is the checksum of the frame it holds under that number; 0 where it does not say.
    """

    lane: Lane
    epoch: int
    seq: int
    crc: int = 0


@dataclass(frozen=True, slots=True)
class Resumption:
    """What follows from a HelloAck.

    `acknowledged`: tell the spool. `behind`: lanes of which the collector has less than we thought, to rewind to.
    `ahead`: lanes of which it has what we never gave: our spool went back in time and needs a new epoch.
    """

    acknowledged: tuple[Mark, ...]
    behind: tuple[Mark, ...]
    ahead: tuple[Mark, ...]


class _Flight(NamedTuple):
    """A frame under way; what is urgent tells nothing of the pace."""

    seq: int
    size: int
    at_ns: int
    left: Departure | None


@dataclass(slots=True)
class _Sending:
    sent: int = 0
    in_flight: deque[_Flight] = field(default_factory=deque)
    credit: int | None = None
    hold_until_ns: int = 0

    @property
    def size(self) -> int:
        return sum(flight.size for flight in self.in_flight)


class Session:
    """One agent's view of what the collector has, from one connection to the next."""

    def __init__(self) -> None:
        self._lanes = {lane: _Sending() for lane in Lane}
        self.pace = Pace()
        self._since_metric = 0
        self.refused_total: Counter[str] = Counter()
        self.acknowledged_ns = 0

    def resumed(
        self, states: Mapping[Lane, LaneState], marks: Iterable[Mark], differing: Collection[Lane] = ()
    ) -> Resumption:
        """Go on from what the collector says it holds, on a fresh stream that carries the lanes of `states`.

        Of `differing` lanes it holds another frame than ours under the number it names.
        """
        for lane, state in states.items():
            self._lanes[lane] = _Sending(sent=max(state.acked, state.first - 1))
        acknowledged: list[Mark] = []
        behind: list[Mark] = []
        ahead: list[Mark] = []
        for mark in marks:
            if mark.lane not in states:
                continue
            state = states[mark.lane]
            # An epoch no host can have begun is not gone on from: its successors would soon have no number any more.
            if mark.epoch > max(state.epoch, limits.EPOCH):
                continue
            if mark.epoch != state.epoch or mark.seq >= state.next or mark.lane in differing:
                ahead.append(mark)
                continue
            (behind if mark.seq < state.acked else acknowledged).append(mark)
            self._lanes[mark.lane].sent = mark.seq
        return Resumption(tuple(acknowledged), tuple(behind), tuple(ahead))

    def wanted(self, stream: Stream, states: Mapping[Lane, LaneState], now_ns: int) -> Wanted | None:
        """What to send next on a stream; None while there is nothing, or no room."""
        if stream is Stream.REST and self._urgent_held_up(now_ns):
            return None
        if stream is Stream.URGENT:
            room = URGENT_WINDOW - self._under_way(stream)
        else:
            frames = sum(len(self._lanes[lane].in_flight) for lane in stream.lanes)
            room = self.pace.room(frames, self._under_way(stream), now_ns)
        if room <= 0:
            return None
        ready = [lane for lane in stream.lanes if states[lane].holds(self._lanes[lane].sent + 1)]
        for lane in self._order(ready):
            sending = self._lanes[lane]
            allowed = room if sending.credit is None else min(room, sending.credit - sending.size)
            # With nothing under way one frame may go whatever the credit, or no news would ever come.
            spare = FRAMES_UNDER_WAY - len(sending.in_flight)
            if now_ns >= sending.hold_until_ns and spare > 0 and (allowed > 0 or not sending.in_flight):
                most = min(self._most_frames(lane, ready), spare)
                return Wanted(lane, sending.sent, max(allowed, 1), most)
        return None

    def must_greet_anew(self, stream: Stream, states: Mapping[Lane, LaneState]) -> Lane | None:
        """A lane whose next frame was evicted or damaged: only a new Hello tells the collector to go on after it."""
        for lane in stream.lanes:
            state, sending = states[lane], self._lanes[lane]
            if not sending.in_flight and sending.sent < state.committed and not state.holds(sending.sent + 1):
                return lane
        return None

    def sent(self, lane: Lane, frame: StoredFrame, now_ns: int) -> None:
        """A frame was handed to the connection."""
        sending, size, left = self._lanes[lane], len(frame.payload), None
        if lane is not Lane.URGENT:
            left = self.pace.leaves(size, self._under_way(Stream.REST), now_ns)
            self._since_metric = 0 if lane is Lane.METRIC else self._since_metric + 1
        sending.in_flight.append(_Flight(frame.seq, size, now_ns, left))
        sending.sent = frame.seq

    def acknowledged(self, mark: Mark, credit: int, epoch: int, now_ns: int) -> Mark | None:
        """The collector holds more; what to tell the spool, None when the mark is of an old epoch."""
        if mark.epoch != epoch:
            return None
        sending = self._lanes[mark.lane]
        newest = None
        while sending.in_flight and sending.in_flight[0].seq <= mark.seq:
            flight = sending.in_flight.popleft()
            newest = flight.left
            self.pace.delivered += 0 if newest is None else flight.size
        sending.sent = max(sending.sent, mark.seq)
        sending.credit = credit
        self.acknowledged_ns = now_ns
        if newest is not None:
            self.pace.arrived(newest, now_ns)
        return mark

    def credited(self, lane: Lane, size: int) -> None:
        """The collector allows so many unacknowledged bytes on a lane."""
        self._lanes[lane].credit = size

    def out_of_order(self, lane: Lane, expected: int) -> None:
        """The collector goes on with `expected`: everything from there is sent again."""
        sending = self._lanes[lane]
        while sending.in_flight and sending.in_flight[-1].seq >= expected:
            sending.in_flight.pop()
        sending.sent = expected - 1

    def overloaded(self, lane: Lane, expected: int, retry_after_ns: int, now_ns: int) -> None:
        """The collector asks to wait."""
        self.out_of_order(lane, expected)
        self._lanes[lane].hold_until_ns = now_ns + min(retry_after_ns, LONGEST_HOLD_NS)

    def refused(self, reason: str) -> None:
        """The collector did not take a frame as it came: count why."""
        self.refused_total[reason] += 1

    def at_rest(self, stream: Stream) -> bool:
        """Whether everything sent on a stream has been acknowledged."""
        return not any(self._lanes[lane].in_flight for lane in stream.lanes)

    def next_hold_ns(self, stream: Stream, now_ns: int) -> int | None:
        """When a lane that was asked to wait may go on; None when none waits."""
        holds = [self._lanes[lane].hold_until_ns for lane in stream.lanes]
        return min((hold for hold in holds if hold > now_ns), default=None)

    def _under_way(self, stream: Stream) -> int:
        return sum(self._lanes[lane].size for lane in stream.lanes)

    def _urgent_held_up(self, now_ns: int) -> bool:
        in_flight = self._lanes[Lane.URGENT].in_flight
        return bool(in_flight) and now_ns - in_flight[0].at_ns > HELD_UP_S * SECOND_NS

    def _order(self, ready: list[Lane]) -> list[Lane]:
        """Most urgent first, but for the metric lane's share."""
        if Lane.METRIC in ready and self._since_metric >= METRIC_SHARE - 1:
            return sorted(ready, key=lambda lane: lane is not Lane.METRIC)
        return ready

    def _most_frames(self, lane: Lane, ready: list[Lane]) -> int:
        if lane is not Lane.METRIC and Lane.METRIC in ready:
            return max(1, METRIC_SHARE - 1 - self._since_metric)
        return 1 if lane is Lane.METRIC and ready[0] is not Lane.METRIC else FRAMES_AT_ONCE


def wait_s(attempt: int, draw: float, longest_s: float = LONGEST_WAIT_S) -> float:
    """How long to wait before connection attempt `attempt` (0 is the first); `draw` is uniform in [0, 1)."""
    return draw * min(longest_s, 2.0 ** min(attempt, 16)) if attempt else draw * 0.2
