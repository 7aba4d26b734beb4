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
FRAME_BYTES: Final = 512
"""What a frame takes here beside its payload: frames without any must not be free."""


@dataclass(frozen=True, slots=True)
class LaneOffer:
    """What an agent says of one lane when it opens a stream: the oldest number it still holds and the next one.

    `since` is the number the epoch began with; 0 when the agent does not say.
    """

    lane: Lane
    epoch: int
    first: int
    next: int
    since: int = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """A frame as it arrived."""

    lane: Lane
    epoch: int
    seq: int
    flags: int
    payload: bytes
    crc: int

    @property
    def weight(self) -> int:
        """The bytes it takes while it waits."""
        return FRAME_BYTES + len(self.payload)


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything of `lane` in `epoch` up to and including `seq`.

    `crc` is the checksum of the frame of that number; 0 where none came, or it is not known.
    """

    lane: Lane
    epoch: int
    seq: int
    crc: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """Frames `first` to `last` that the agent no longer holds and this collector never had."""

    lane: Lane
    epoch: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """What follows from an offer: what can never come, and where the agent's spool is behind us."""

    missing: tuple[Missing, ...]
    regressed: tuple[Lane, ...]


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
    """A frame that was not taken in, or is set aside; `expected` is the number to go on with, or behind."""

    lane: Lane
    epoch: int
    expected: int
    reason: Refusal | Poison


Answer: TypeAlias = Accepted | Quarantined | Duplicate | Refused


@dataclass(slots=True)
class _LaneState:
    """One lane. `waiting` are checksums of frames that wait for a commit, `contested` those at the last greeting.

    Another frame of the same number, and all behind it, is of another past of the same host: the lane is `disputed`.
    """

    epoch: int
    accepted: int
    committed: int
    waiting_bytes: int = 0
    gaps: list[Missing] = field(default_factory=list)
    crc: int = 0
    waiting: dict[int, int] = field(default_factory=dict)
    contested: dict[int, int] = field(default_factory=dict)
    disputed: bool = False

    def behind(self, number: int) -> int:
        """The last number that is settled when everything up to `number` is: what was declared lost does not come."""
        for gap in self.gaps:
            if gap.first <= number + 1:
                number = max(number, gap.last)
        return number

    def undeclared(self, lane: Lane, first: int, last: int) -> list[Missing]:
        """The parts of a range that no known gap covers."""
        found = []
        for gap in self.gaps:
            if first < gap.first <= last:
                found.append(Missing(lane, self.epoch, first, gap.first - 1))
            if gap.first <= last:
                first = max(first, gap.last + 1)
        return [*found, Missing(lane, self.epoch, first, last)] if first <= last else found

    def commit(self, number: int, crc: int = 0) -> None:
        """Everything up to a number is durable; gaps that this passes need not be known any more."""
        before, self.committed = self.committed, self.behind(max(self.committed, number))
        if self.committed != before:
            self.crc = crc if self.committed == number else 0
        self.gaps = [gap for gap in self.gaps if gap.last > self.committed]


@dataclass(slots=True)
class Session:
    """One agent's lanes; shared by all its streams and kept while the collector runs."""

    _lanes: dict[Lane, _LaneState] = field(default_factory=dict)

    @classmethod
    def restored(cls, marks: Iterable[Mark], declared: Iterable[Missing] = ()) -> "Session":
        """A session that goes on from what the database holds; `declared` are gaps that lie ahead of the marks."""
        session = cls({mark.lane: _LaneState(mark.epoch, mark.seq, mark.seq, crc=mark.crc) for mark in marks})
        session.declared(gap for gap in declared if gap.lane in session._lanes)
        return session

    def hello(self, offers: Iterable[LaneOffer]) -> Resumed:
        """Compare what the agent offers with what is held. What is missing is passed by once it was `declared`."""
        missing, regressed = list[Missing](), list[Lane]()
        for offer in offers:
            state = self._lanes.get(offer.lane)
            if state is not None:
                state.contested, state.disputed = dict(state.waiting), False
            if state is None or offer.epoch > state.epoch:
                # Numbers go on in a later epoch: what is before its first belongs to the one we knew.
                begun = max((offer.since or (1 if state is None else offer.first)) - 1, 0)
                state = self._lanes[offer.lane] = _LaneState(offer.epoch, begun, begun)
            elif offer.epoch < state.epoch and offer.next == 1:
                pass  # nothing was ever in it: each start of such a lane draws an epoch, by a clock that may go back
            elif offer.epoch < state.epoch or state.committed >= offer.next:
                # The spool went back in time: a restored snapshot or a clone. Our mark tells the agent so.
                regressed.append(offer.lane)
            if offer.epoch == state.epoch and offer.first > state.accepted + 1:
                missing += state.undeclared(offer.lane, state.accepted + 1, offer.first - 1)
        return Resumed(tuple(missing), tuple(regressed))

    def marks_with(self, missing: Iterable[Missing]) -> tuple[Mark, ...]:
        """The marks that are true once these are declared: behind them where everything before them is durable."""
        marks = []
        for gap in missing:
            durable = self._lanes[gap.lane].committed
            marks.append(Mark(gap.lane, gap.epoch, gap.last if gap.first <= durable + 1 else durable))
        return tuple(marks)

    def declared(self, missing: Iterable[Missing]) -> None:
        """These are written down as lost, with the marks behind them: go on after them."""
        for gap in missing:
            state = self._lanes[gap.lane]
            if gap.epoch == state.epoch:
                state.gaps = sorted([*state.gaps, gap], key=lambda one: one.first)
                state.accepted = state.behind(state.accepted)
                state.commit(0)

    def awaits(self, frame: Incoming) -> bool:
        """Whether a frame is the next one of its lane: any other is answered without being taken in."""
        state = self._lanes.get(frame.lane)
        return state is not None and frame.epoch == state.epoch and frame.seq == state.accepted + 1

    def offer(self, frame: Incoming) -> Answer:
        """Say what is to be done with a frame."""
        state = self._lanes.get(frame.lane)
        if state is None or frame.epoch != state.epoch or frame.seq < 1:
            expected = 0 if state is None else state.accepted + 1
            return Refused(frame.lane, 0 if state is None else state.epoch, expected, Refusal.POLICY)
        if frame.seq <= state.accepted and state.contested.get(frame.seq, frame.crc) == frame.crc:
            return Duplicate(Mark(frame.lane, state.epoch, state.committed, state.crc))
        if state.disputed or frame.seq <= state.accepted:
            state.disputed = True
            return Refused(frame.lane, state.epoch, state.accepted + 1, Refusal.POLICY)
        if frame.seq != state.accepted + 1:
            return Refused(frame.lane, state.epoch, state.accepted + 1, Refusal.OUT_OF_ORDER)
        if state.waiting_bytes and state.waiting_bytes + frame.weight > RECEIVE_WINDOW[frame.lane]:
            return Refused(frame.lane, state.epoch, state.accepted + 1, Refusal.OVERLOAD)
        state.accepted = state.behind(frame.seq)
        state.waiting_bytes += frame.weight
        state.waiting[frame.seq] = frame.crc
        poison = _poison(frame)
        return Accepted(frame) if poison is None else Quarantined(frame, poison)

    def durable(self, frames: Iterable[Incoming]) -> tuple[Mark, ...]:
        """The frames are in the database; one mark per lane they belong to."""
        touched: dict[Lane, _LaneState] = {}
        for frame in frames:
            state = self._lanes[frame.lane]
            if state.epoch == frame.epoch:
                state.commit(frame.seq, frame.crc)
                state.waiting.pop(frame.seq, None)
                state.waiting_bytes -= frame.weight
                touched[frame.lane] = state
        return tuple(Mark(lane, state.epoch, state.committed, state.crc) for lane, state in touched.items())

    def failed(self) -> tuple[Refused, ...]:
        """A commit failed: forget what was only accepted, and ask for it again."""
        again = []
        for lane, state in self._lanes.items():
            if state.accepted > state.committed:
                again.append(Refused(lane, state.epoch, state.committed + 1, Refusal.OUT_OF_ORDER))
            state.accepted, state.waiting_bytes = state.committed, 0
            state.waiting, state.contested = {}, {}
        return tuple(again)

    def marks(self) -> dict[Lane, int]:
        """The last durable number of each lane."""
        return {lane: state.committed for lane, state in self._lanes.items()}

    def stands(self, lane: Lane) -> Mark | None:
        """How far a lane is durable, and in which epoch; None when nothing is known of it."""
        state = self._lanes.get(lane)
        return None if state is None else Mark(lane, state.epoch, state.committed, state.crc)

    def room(self, lane: Lane) -> int:
        """Bytes of this lane that may still be sent before the next acknowledgement."""
        state = self._lanes.get(lane)
        return max(0, RECEIVE_WINDOW[lane] - (state.waiting_bytes if state else 0))


def _poison(frame: Incoming) -> Poison | None:
    if len(frame.payload) > limits.FRAME_BYTES:
        return Poison.TOO_BIG
    expected = checksum(flags=frame.flags & 0xFF, lane=frame.lane, seq=frame.seq, payload=frame.payload)
    return None if expected == frame.crc else Poison.CHECKSUM
