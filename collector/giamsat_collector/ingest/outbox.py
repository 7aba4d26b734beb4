# SPDX-License-Identifier: Apache-2.0
"""What the streams of one agent still have to be told, and how that looks on the wire."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from giamsat.v1 import ingest_pb2
from giamsat_collector.ingest.conservation import Books
from giamsat_collector.ingest.session import Incoming, Mark, Poison, Refusal, Refused, Session
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.lane import Lane

RETRY_AFTER_MS: Final = 1_000
HELD_UP_NS: Final = 1_000 * SECOND_NS
"""A connection that carries nothing for so long is given up by TCP: no greeting is held up on its way for longer."""
_CODES: Final = {
    Refusal.OUT_OF_ORDER: ingest_pb2.Nack.OUT_OF_ORDER,
    Refusal.POLICY: ingest_pb2.Nack.POLICY,
    Refusal.OVERLOAD: ingest_pb2.Nack.OVERLOAD,
    Poison.CHECKSUM: ingest_pb2.Nack.QUARANTINED,
    Poison.TOO_BIG: ingest_pb2.Nack.QUARANTINED,
}
LANES: Final[dict[int, Lane]] = {lane.value: lane for lane in Lane}
_WIRE_LANES: Final = {
    Lane.URGENT: ingest_pb2.LANE_URGENT,
    Lane.EVENT: ingest_pb2.LANE_EVENT,
    Lane.METRIC: ingest_pb2.LANE_METRIC,
    Lane.BULK: ingest_pb2.LANE_BULK,
}


@dataclass(slots=True)
class Outbox:
    """News for one stream. A newer mark of a lane replaces an older one, so a slow agent cannot make this grow."""

    lanes: frozenset[Lane]
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    _marks: dict[Lane, Mark] = field(default_factory=dict)
    _refused: dict[Lane, Refused] = field(default_factory=dict)
    _set_aside: dict[Lane, Refused] = field(default_factory=dict)

    def put(self, news: Mark | Refused) -> None:
        """Add news; the stream's writer is woken."""
        if isinstance(news, Mark):
            self._marks[news.lane] = news
        elif isinstance(news.reason, Poison):
            self._set_aside[news.lane] = news
        elif news.reason is not Refusal.OUT_OF_ORDER or self._refused.get(news.lane) != _to_wait(news):
            self._refused[news.lane] = news
        self.ready.set()

    def take(self, session: Session) -> Iterator[ingest_pb2.Down]:
        """Everything there is to tell, as messages; the outbox is empty afterwards."""
        self.ready.clear()
        marks, self._marks = self._marks, {}
        refused, self._refused = self._refused, {}
        set_aside, self._set_aside = self._set_aside, {}
        for mark in marks.values():
            ack = ingest_pb2.Ack(committed=committed(mark), credit_bytes=session.room(mark.lane))
            yield ingest_pb2.Down(ack=ack)
        for refusal in (*set_aside.values(), *refused.values()):
            yield ingest_pb2.Down(nack=_nack(refusal))


@dataclass(slots=True)
class Live:
    """One agent: its session, its books, its clock's offset (collector minus host), and its open streams.

    `greetings` are the instance and its monotonic time of the last greeting for some lanes.
    """

    agent: str
    session: Session
    offset_ns: int = 0
    outboxes: list[Outbox] = field(default_factory=list)
    books: Books = field(default_factory=Books)
    greetings: dict[frozenset[Lane], tuple[int, int]] = field(default_factory=dict)

    def durable(self, frames: Sequence[Incoming]) -> None:
        """These frames are in the database: note it, and tell every stream."""
        self.books.stored(frames)
        self.tell(self.session.durable(frames))

    def is_newest(self, outbox: Outbox) -> bool:
        """Whether no later stream carries the same lanes: what an older one says may be long overtaken."""
        return next((one for one in reversed(self.outboxes) if one.lanes & outbox.lanes), outbox) is outbox

    def is_overtaken(self, lanes: frozenset[Lane], instance: int, mono_ns: int) -> bool:
        """Whether a greeting was held up on its way and a later one of the same instance has been answered already.

        One that is much earlier was not held up: its host was set back to a snapshot in the middle of its work.
        """
        last = self.greetings.get(lanes, (instance, mono_ns))
        if last[0] == instance and last[1] - HELD_UP_NS <= mono_ns < last[1]:
            return True
        self.greetings[lanes] = (instance, mono_ns)
        return False

    def tell(self, news: tuple[Mark | Refused, ...]) -> None:
        """Hand news to every stream that carries the lane."""
        for item in news:
            for outbox in self.outboxes:
                if item.lane in outbox.lanes:
                    outbox.put(item)


def committed(mark: Mark) -> ingest_pb2.Committed:
    """A mark as the wire says it."""
    return ingest_pb2.Committed(lane=_WIRE_LANES[mark.lane], epoch=mark.epoch, seq=mark.seq, crc=mark.crc)


def _nack(refusal: Refused) -> ingest_pb2.Nack:
    return ingest_pb2.Nack(
        lane=_WIRE_LANES[refusal.lane],
        epoch=refusal.epoch,
        seq=refusal.expected,
        code=_CODES[refusal.reason],
        retry_after_ms=RETRY_AFTER_MS if refusal.reason is Refusal.OVERLOAD else 0,
    )


def _to_wait(news: Refused) -> Refused:
    """That the same number is to wait: what came behind a frame that has to wait is out of order for that alone."""
    return replace(news, reason=Refusal.OVERLOAD)
