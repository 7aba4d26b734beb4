# SPDX-License-Identifier: Apache-2.0
"""Which frames of one agent are new, in order and acceptable. Decides; never touches a socket, a clock or a row.

For every lane there is one current epoch. `accepted` is the last sequence number taken in, `committed` the last one
that is durable; only the second is ever acknowledged. After a failed commit the session goes back to what is durable
and the agent sends the rest again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from giamsat_wire import limits
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane

RECEIVE_WINDOW: Final[Mapping[Lane, int]] = {
    Lane.URGENT: 64 << 10,
    Lane.EVENT: 512 << 10,
    Lane.METRIC: 256 << 10,
    Lane.BULK: 256 << 10,
}
"""Bytes of one agent's lane that may wait for a commit; more than this is answered with Overloaded."""


@dataclass(frozen=True, slots=True)
class LaneOffer:
    """What an agent says of one lane when it opens a stream: the oldest number it still holds and the next one."""

    lane: Lane
    epoch: int
    first: int
    next: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A frame as it arrived."""

    lane: Lane
    epoch: int
    seq: int
    flags: int
    payload: bytes
    crc: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything of `lane` in `epoch` up to and including `seq`."""

    lane: Lane
    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Frames `first` to `last` that the agent no longer holds and this collector never had."""

    lane: Lane
    epoch: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The answer to an offer: where to go on, what can never come, and whether the agent's spool is behind us."""

    marks: tuple[Mark, ...]
    missing: tuple[Missing, ...]
    regressed: tuple[Lane, ...]
    renewed: tuple[Lane, ...]


class Refusal(StrEnum):
    """Why a frame was not taken in."""

    OUT_OF_ORDER = "out_of_order"
    POLICY = "policy"
    OVERLOAD = "overload"


class Poison(StrEnum):
    """Why a frame is set aside unread."""

    CHECKSUM = "checksum"
    TOO_BIG = "too_big"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A new frame in its place: store it."""

    frame: Incoming


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A new frame in its place that cannot be right: set it aside and go on after it."""

    frame: Incoming
    reason: Poison


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A frame that is already held; `mark` says how far is durable."""

    mark: Mark


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that was not taken in; `expected` is the number to go on with."""

    lane: Lane
    epoch: int
    expected: int
    reason: Refusal


Answer: TypeAlias = Accepted | Quarantined | Duplicate | Refused


@dataclass(slots=True)
class _LaneState:
    epoch: int
    accepted: int
    committed: int
    waiting_bytes: int = 0


@dataclass(slots=True)
class Session:
    """One agent's lanes; shared by all its streams and kept while the collector runs."""

    _lanes: dict[Lane, _LaneState] = field(default_factory=dict)
    _undeclared: list[Missing] = field(default_factory=list)

    @classmethod
    def restored(cls, marks: Iterable[Mark]) -> "Session":
        """A session that goes on from what the database holds."""
        return cls({mark.lane: _LaneState(mark.epoch, mark.seq, mark.seq) for mark in marks})

    def hello(self, offers: Iterable[LaneOffer]) -> Resumed:
        """Compare what the agent offers with what is held."""
        marks: list[Mark] = []
        regressed: list[Lane] = []
        renewed: list[Lane] = []
        for offer in offers:
            state = self._lanes.get(offer.lane)
            if state is None or offer.epoch > state.epoch:
                renewed += [] if state is None else [offer.lane]
                # Numbers go on in a later epoch: what is before its first belongs to the one we knew.
                begun = 0 if state is None else max(offer.first - 1, 0)
                state = self._lanes[offer.lane] = _LaneState(offer.epoch, begun, begun)
            elif offer.epoch < state.epoch or state.committed >= offer.next:
                # The spool went back in time: a restored snapshot or a clone. Our mark tells the agent so.
                regressed.append(offer.lane)
            if offer.epoch == state.epoch and offer.first > state.accepted + 1:
                self._undeclared.append(Missing(offer.lane, state.epoch, state.accepted + 1, offer.first - 1))
                state.accepted = offer.first - 1
                if state.waiting_bytes == 0:
                    state.committed = state.accepted
            marks.append(Mark(offer.lane, state.epoch, state.committed))
        return Resumed(tuple(marks), tuple(self._undeclared), tuple(regressed), tuple(renewed))

    def declared(self, missing: Iterable[Missing]) -> None:
        """What was missing is written down; until then every greeting names it again."""
        written = set(missing)
        self._undeclared = [gap for gap in self._undeclared if gap not in written]

    def offer(self, frame: Incoming) -> Answer:
        """Say what is to be done with a frame."""
        state = self._lanes.get(frame.lane)
        if state is None or frame.epoch != state.epoch or frame.seq < 1:
            expected = 0 if state is None else state.accepted + 1
            return Refused(frame.lane, 0 if state is None else state.epoch, expected, Refusal.POLICY)
        if frame.seq <= state.accepted:
            return Duplicate(Mark(frame.lane, state.epoch, state.committed))
        if frame.seq != state.accepted + 1:
            return Refused(frame.lane, state.epoch, state.accepted + 1, Refusal.OUT_OF_ORDER)
        if state.waiting_bytes and state.waiting_bytes + len(frame.payload) > RECEIVE_WINDOW[frame.lane]:
            return Refused(frame.lane, state.epoch, state.accepted + 1, Refusal.OVERLOAD)
        state.accepted = frame.seq
        state.waiting_bytes += len(frame.payload)
        poison = _poison(frame)
        return Accepted(frame) if poison is None else Quarantined(frame, poison)

    def durable(self, frames: Iterable[Incoming]) -> tuple[Mark, ...]:
        """The frames are in the database; one mark per lane they belong to."""
        touched: dict[Lane, _LaneState] = {}
        for frame in frames:
            state = self._lanes[frame.lane]
            if state.epoch == frame.epoch:
                state.committed = max(state.committed, frame.seq)
                state.waiting_bytes -= len(frame.payload)
                touched[frame.lane] = state
        return tuple(Mark(lane, state.epoch, state.committed) for lane, state in touched.items())

    def failed(self) -> tuple[Refused, ...]:
        """A commit failed: forget what was only accepted, and ask for it again."""
        again = []
        for lane, state in self._lanes.items():
            if state.accepted > state.committed:
                again.append(Refused(lane, state.epoch, state.committed + 1, Refusal.OUT_OF_ORDER))
            state.accepted, state.waiting_bytes = state.committed, 0
        return tuple(again)

    def marks(self) -> dict[Lane, int]:
        """The last durable number of each lane."""
        return {lane: state.committed for lane, state in self._lanes.items()}

    def stands(self, lane: Lane) -> Mark | None:
        """How far a lane is durable, and in which epoch; None when nothing is known of it."""
        state = self._lanes.get(lane)
        return None if state is None else Mark(lane, state.epoch, state.committed)

    def room(self, lane: Lane) -> int:
        """Bytes of this lane that may still be sent before the next acknowledgement."""
        state = self._lanes.get(lane)
        return max(0, RECEIVE_WINDOW[lane] - (state.waiting_bytes if state else 0))


def _poison(frame: Incoming) -> Poison | None:
    if len(frame.payload) > limits.FRAME_BYTES:
        return Poison.TOO_BIG
    expected = checksum(flags=frame.flags & 0xFF, lane=frame.lane, seq=frame.seq, payload=frame.payload)
    return None if expected == frame.crc else Poison.CHECKSUM
