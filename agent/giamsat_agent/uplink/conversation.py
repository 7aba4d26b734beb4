# SPDX-License-Identifier: Apache-2.0
"""One stream with the collector, from its greeting on: what to say next, and what follows from what was heard.

Nothing is sent or awaited here, so the same code runs over a real connection and over a simulated one. The spool is
read and told; `session` says which frames are wanted.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from giamsat.v1 import ingest_pb2
from giamsat_agent.errors import TransportError
from giamsat_agent.own_log import logger
from giamsat_agent.spool.spool import Spool
from giamsat_agent.spool.state import LaneState, StoredFrame
from giamsat_agent.uplink import wire
from giamsat_agent.uplink.clock_offset import Reference
from giamsat_agent.uplink.session import Mark, Session, Stream, Wanted
from giamsat_agent.uplink.wire import Introduction
from giamsat_wire import limits
from giamsat_wire.clock import SECOND_NS, Clock
from giamsat_wire.lane import Lane

log = logger()

NEW_EPOCH: Final = "bắt đầu đợt đánh số mới, đang kết nối lại / a new epoch begins: connecting again"
REST_BEATS: Final = 3
"""The second stream says every third time that it is there: its frames say it more often than that."""
HEARTBEAT_S: Final = 20.0
SHORTEST_HEARTBEAT_S: Final = 1.0
LONGEST_HEARTBEAT_S: Final = 60.0


class Conversation:
    """What an agent says on one stream and what it does about the answers.

    `reference` is what the collector's clock said. Once `leaving` is set, only what is urgent is sent; the rest is
    kept for the next start.
    """

    def __init__(
        self, stream: Stream, *, spool: Spool, session: Session, introduction: Introduction, clock: Clock
    ) -> None:
        self.stream = stream
        self.leaving = False
        self.reference: Reference | None = None
        self._asked_ns = 0
        self._spool = spool
        self._session = session
        self._introduction = introduction
        self._clock = clock
        self._beat_ns = 0
        self._beat_every_ns = 0
        self._at_once = 1

    def hello(self) -> ingest_pb2.Up:
        """The first thing to say."""
        self._asked_ns = self._clock.mono_ns()
        return wire.hello(self._introduction, self._states(), self._clock)

    def greeted(self, answer: ingest_pb2.HelloAck) -> None:
        """The collector says how far it is: go on from there.

        Raises:
            TransportError: the spool went back in time and begins a new epoch; greet again.
            SpoolError: the disk refuses.
        """
        asked_s = answer.heartbeat_ms / 1_000 or HEARTBEAT_S
        every_s = min(max(asked_s, SHORTEST_HEARTBEAT_S), LONGEST_HEARTBEAT_S)
        self._beat_every_ns = int(every_s * SECOND_NS) * (1 if self.stream is Stream.URGENT else REST_BEATS)
        self._beat_ns = self._clock.mono_ns()
        self._at_once = min(max(answer.frames_at_once, 1), limits.FRAMES_PER_MESSAGE)
        self.reference = Reference(answer.server_wall_ns, self._asked_ns, self._beat_ns)
        marks = wire.marks(answer)
        differing = {mark.lane for mark in marks if mark.lane in self.stream.lanes and self._differs(mark)}
        resumption = self._session.resumed(self._states(), marks, differing)
        for mark in resumption.acknowledged:
            self._spool.acknowledge(mark.lane, mark.epoch, mark.seq)
        for mark in resumption.behind:
            log.warning("collector_went_back", lane=mark.lane.name, held=mark.seq)
            self._spool.rewind(mark.lane, mark.seq)
        for mark in resumption.ahead:
            self._begin_epoch(mark)
        if resumption.ahead:
            raise TransportError(NEW_EPOCH)

    def says(self) -> Iterator[ingest_pb2.Up]:
        """What there is to say now, one message after the other; each counts as said when it is taken.

        Raises:
            TransportError: frames were lost since the greeting: only another one tells the collector to go on.
            SpoolError: the disk cannot be read now.
        """
        now = self._clock.mono_ns()
        if now >= self._beat_ns:
            self._beat_ns = now + self._beat_every_ns
            yield wire.heartbeat(self._states(), self._spool.declared_lost, self._clock)
        lane = self._session.must_greet_anew(self.stream, self._states())
        if lane is not None:
            name = lane.name.lower()
            raise TransportError(
                f"khung của làn {name} đã mất, đang kết nối lại để báo / "
                f"frames of the {name} lane were lost: connecting again to say so"
            )
        wanted = self._wanted()
        if wanted is None:
            return
        epoch = self._spool.state(wanted.lane).epoch
        frames = self._spool.read(
            wanted.lane, wanted.after, most_bytes=wanted.most_bytes, most_frames=wanted.most_frames
        )
        for together in self._bundled(frames):
            for frame in together:
                self._session.sent(wanted.lane, frame, self._clock.mono_ns())
            yield wire.frames(wanted.lane, epoch, together)

    def _bundled(self, frames: Iterable[StoredFrame]) -> Iterator[Sequence[StoredFrame]]:
        """Frames that go in one message: as many as the collector takes, and no longer on the link than one may be."""
        held: list[StoredFrame] = []
        size = 0
        for frame in frames:
            size += len(frame.payload)
            if held and (len(held) >= self._at_once or size > self._session.pace.frame_bytes):
                yield held
                held, size = [], len(frame.payload)
            held.append(frame)
        if held:
            yield held

    def hears(self, down: ingest_pb2.Down) -> None:
        """Something came from the collector.

        Raises:
            TransportError: a lane must be agreed upon anew.
        """
        if down.HasField("ack"):
            self._acknowledged(down.ack)
        elif down.HasField("nack"):
            self._refused(down.nack)
        elif down.HasField("credit") and int(down.credit.lane) in wire.LANES:
            self._session.credited(wire.LANES[int(down.credit.lane)], down.credit.bytes)

    @property
    def is_over(self) -> bool:
        """Whether a stream that is leaving has nothing left to say, and everything said has been acknowledged."""
        return self.leaving and self._session.at_rest(self.stream) and self._wanted() is None

    def due_ns(self) -> int:
        """When there will be something to say without news (monotonic): a heartbeat, or a lane asked to wait."""
        hold = self._session.next_hold_ns(self.stream, self._clock.mono_ns())
        return self._beat_ns if hold is None else min(self._beat_ns, hold)

    def _differs(self, mark: Mark) -> bool:
        """Whether the collector holds another frame under a number of ours: this disk was set back, or copied."""
        state = self._spool.state(mark.lane)
        if not mark.crc or mark.epoch != state.epoch or not state.acked < mark.seq < state.next:
            return False
        own = self._spool.made(mark.lane, mark.seq)
        return own is not None and own.crc != mark.crc

    def _begin_epoch(self, mark: Mark) -> None:
        log.warning("spool_went_back", lane=mark.lane.name, collector_holds=mark.seq)
        self._spool.begin_epoch(mark.lane, collector_epoch=mark.epoch, collector_holds=mark.seq)

    def _states(self) -> dict[Lane, LaneState]:
        return {lane: self._spool.state(lane) for lane in self.stream.lanes}

    def _wanted(self) -> Wanted | None:
        if self.leaving and self.stream is Stream.REST:
            return None
        return self._session.wanted(self.stream, self._states(), self._clock.mono_ns())

    def _acknowledged(self, ack: ingest_pb2.Ack) -> None:
        mark = wire.mark(ack.committed)
        if mark is None:
            return
        state, now = self._spool.state(mark.lane), self._clock.mono_ns()
        epoch = state.epoch
        if mark.epoch == epoch and mark.seq >= state.next:
            name = mark.lane.name.lower()
            raise TransportError(
                f"bộ thu thập xác nhận khung chưa từng có của làn {name} / "
                f"frames of the {name} lane were acknowledged that were never given"
            )
        if self._differs(mark):
            self._begin_epoch(mark)
            raise TransportError(NEW_EPOCH)
        if self._session.acknowledged(mark, ack.credit_bytes, epoch, now) is not None:
            self._spool.acknowledge(mark.lane, mark.epoch, mark.seq)

    def _refused(self, nack: ingest_pb2.Nack) -> None:
        lane = wire.LANES.get(int(nack.lane))
        if lane is None:
            return
        code = wire.code(nack)
        log.info("frame_refused", lane=lane.name, code=code, expected=nack.seq)
        self._session.refused(wire.UNKNOWN if code.isdecimal() else code)
        match nack.code:
            case ingest_pb2.Nack.OVERLOAD:
                now = self._clock.mono_ns()
                self._session.overloaded(lane, nack.seq, nack.retry_after_ms * 1_000_000, now)
            case ingest_pb2.Nack.OUT_OF_ORDER:
                self._session.out_of_order(lane, nack.seq)
            case ingest_pb2.Nack.QUARANTINED:
                pass  # its acknowledgement comes like any other
            case _:
                name = lane.name.lower()
                raise TransportError(
                    f"làn {name} phải bắt tay lại, đang kết nối lại / "
                    f"the {name} lane must be agreed upon anew: connecting again"
                )
