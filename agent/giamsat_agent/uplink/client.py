# SPDX-License-Identifier: Apache-2.0
"""The connection to the collector: moves bytes both ways and decides nothing (`session` does).

Everything here runs on the event loop, disk access included. A read or a cursor takes a fraction of a millisecond, a
commit some 10 to 30 ms on a slow disk; nothing on this loop is more urgent than that, and gRPC keeps the connection
alive from threads of its own.
"""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Final, TypeAlias

import grpc
import structlog

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.errors import RejectedError, SpoolError, TransportError
from giamsat_agent.spool.spool import Spool
from giamsat_agent.spool.state import LaneState
from giamsat_agent.uplink import wire
from giamsat_agent.uplink.failure import translated
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.session import Session, Stream, Wanted, wait_s
from giamsat_agent.uplink.wire import Introduction
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.lane import Lane

log = structlog.get_logger()

HELLO_S: Final = 30.0
GOODBYE_S: Final = 3.0
REST_BEATS: Final = 3
"""The second stream says every third time that it is there: its frames say it more often than that."""
HEARTBEAT_S: Final = 20.0
LEAST_PAUSE_S: Final = 0.05
REJECTED_ATTEMPT: Final = 8
"""Where the waiting starts after the collector refused this agent: up to five minutes."""
OPTIONS: Final = (
    ("grpc.max_receive_message_length", limits.MESSAGE_BYTES),
    ("grpc.max_send_message_length", limits.MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.bdp_probe", 0),  # a ping after each message would cost more bytes than the message
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)

Call: TypeAlias = "grpc.aio.StreamStreamCall[ingest_pb2.Up, ingest_pb2.Down]"


@dataclass(slots=True)
class Link:
    """How the connection is doing, for the status."""

    collector: str = ""
    connected: bool = False
    problem: str = "not tried yet"
    offset_ns: int = 0


class Client:
    """Keeps a connection and empties the spool through it."""

    def __init__(
        self,
        *,
        addresses: tuple[str, ...],
        identity: Identity,
        introduction: Introduction,
        spool: Spool,
        session: Session,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._addresses = addresses
        self._credentials = _credentials(identity)
        self._renewed = asyncio.Event()
        self._introduction = introduction
        self._spool = spool
        self._session = session
        self._clock = clock
        self._rng = rng
        self._wakes = {stream: asyncio.Event() for stream in Stream}
        self._heartbeat_s = HEARTBEAT_S
        self.link = Link()
        self._bye = ""
        self._parted = asyncio.Event()

    @property
    def acknowledged_ago_s(self) -> float | None:
        """Seconds since the collector last acknowledged anything; None before the first time."""
        at = self._session.acknowledged_ns
        return (self._clock.mono_ns() - at) / 1e9 if at else None

    def present(self, identity: Identity) -> None:
        """Connect anew with another certificate of this agent."""
        self._credentials = _credentials(identity)
        self._renewed.set()

    async def finish(self, reason: str) -> None:
        """Send what waits in the urgent lane, then say goodbye; gives up after a few seconds."""
        self._bye = reason
        self.wake()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                if self.link.connected:
                    await self._parted.wait()

    def wake(self) -> None:
        """There is something new in the spool."""
        for wake in self._wakes.values():
            wake.set()

    async def run(self) -> None:
        """Connect, send, connect again, until the goodbye is said."""
        attempt = 0
        while True:
            await asyncio.sleep(wait_s(attempt, self._rng.random()))
            address = self._addresses[attempt % len(self._addresses)]
            self.link.collector = address
            try:
                await self._connection(address)
            except (TransportError, SpoolError) as error:
                if self.link.connected:
                    attempt = 0
                self._lost(error)
                attempt = max(attempt, REJECTED_ATTEMPT) if isinstance(error, RejectedError) else attempt
            if self._parted.is_set():
                return
            attempt += 1

    def _lost(self, error: TransportError | SpoolError) -> None:
        if self._bye:
            self._parted.set()
        elif self.link.connected or self.link.problem != str(error):
            log.warning("collector_lost", collector=self.link.collector, reason=str(error))
        self.link.connected, self.link.problem = False, str(error)

    async def _connection(self, address: str) -> None:
        """One connection, in a task of its own: a task group that fails while it is cancelled swallows the latter."""
        self._renewed.clear()
        connection = asyncio.ensure_future(self._connect(address))
        renewed = asyncio.ensure_future(self._renewed.wait())
        try:
            await asyncio.wait({connection, renewed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in (connection, renewed):
                part.cancel()
            await asyncio.gather(connection, renewed, return_exceptions=True)
        if not connection.cancelled():
            connection.result()

    async def _connect(self, address: str) -> None:
        async with grpc.aio.secure_channel(address, self._credentials, options=OPTIONS) as channel:
            stub = ingest_pb2_grpc.IngestStub(channel)  # type: ignore[no-untyped-call]
            with translated(address):
                async with asyncio.TaskGroup() as streams:
                    for stream in Stream:
                        streams.create_task(self._stream(stub.Push(), stream))
        raise TransportError(f"{address}: the connection was closed in order")

    async def _stream(self, call: Call, stream: Stream) -> None:
        try:
            async with asyncio.timeout(HELLO_S):
                await call.write(wire.hello(self._introduction, self._states(stream), self._clock))
                answer = await call.read()
            if not isinstance(answer, ingest_pb2.Down) or not answer.HasField("hello_ack"):
                raise TransportError(f"{self.link.collector}: no greeting came back: is this a collector?")
            self._resume(stream, answer.hello_ack)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._send(call, stream))
                both.create_task(self._receive(call, stream))
        finally:
            call.cancel()

    def _states(self, stream: Stream) -> dict[Lane, LaneState]:
        return {lane: self._spool.state(lane) for lane in stream.lanes}

    def _resume(self, stream: Stream, answer: ingest_pb2.HelloAck) -> None:
        self._heartbeat_s = min(max(answer.heartbeat_ms / 1_000, 1.0), 60.0) if answer.heartbeat_ms else HEARTBEAT_S
        self.link.offset_ns = answer.server_wall_ns - self._clock.wall_ns()
        resumption = self._session.resumed(self._states(stream), wire.marks(answer))
        for mark in resumption.acknowledged:
            self._spool.acknowledge(mark.lane, mark.epoch, mark.seq)
        for mark in resumption.behind:
            log.warning("collector_went_back", lane=mark.lane.name, held=mark.seq)
            self._spool.rewind(mark.lane, mark.seq)
        for mark in resumption.ahead:
            log.warning("spool_went_back", lane=mark.lane.name, collector_holds=mark.seq)
            self._spool.begin_epoch(mark.lane, collector_epoch=mark.epoch, collector_holds=mark.seq)
        if resumption.ahead:
            raise TransportError("a new epoch begins: connecting again")
        if not self.link.connected:
            log.info("collector_connected", collector=self.link.collector)
        self.link.connected, self.link.problem = True, ""

    async def _send(self, call: Call, stream: Stream) -> None:
        beat_ns = self._clock.mono_ns()
        while not (self._bye and self._is_done(stream)):
            self._wakes[stream].clear()
            now = self._clock.mono_ns()
            if now >= beat_ns:
                beat_ns = now + int(self._heartbeat_s * 1e9) * (1 if stream is Stream.URGENT else REST_BEATS)
                await call.write(wire.heartbeat(self._states(stream), self._spool.declared_lost, self._clock))
            lane = self._session.must_greet_anew(stream, self._states(stream))
            if lane is not None:
                raise TransportError(f"frames of the {lane.name.lower()} lane were lost: connecting again to say so")
            wanted = self._wanted(stream, now)
            if wanted is None or not await self._frames(call, wanted):
                await self._pause(stream, now, beat_ns)
        if stream is Stream.URGENT:
            await call.write(wire.bye(self._bye))
        await call.done_writing()

    def _is_done(self, stream: Stream) -> bool:
        """Whether a stream may end: everything that is to be sent before the goodbye has been acknowledged."""
        return self._session.at_rest(stream) and self._wanted(stream, self._clock.mono_ns()) is None

    def _wanted(self, stream: Stream, now_ns: int) -> Wanted | None:
        """What to send next; after the goodbye only what is urgent, the rest is kept for the next start."""
        if self._bye and stream is Stream.REST:
            return None
        return self._session.wanted(stream, self._states(stream), now_ns)

    async def _frames(self, call: Call, wanted: Wanted) -> int:
        """Send what is wanted; how many frames it was."""
        epoch = self._spool.state(wanted.lane).epoch
        frames = self._spool.read(
            wanted.lane, wanted.after, most_bytes=wanted.most_bytes, most_frames=wanted.most_frames
        )
        for frame in frames:
            self._session.sent(wanted.lane, frame, self._clock.mono_ns())
            await call.write(wire.frame(wanted.lane, epoch, frame))
        return len(frames)

    async def _pause(self, stream: Stream, now_ns: int, until_ns: int) -> None:
        """Wait for news of the spool or the collector, or for a time that was set."""
        hold = self._session.next_hold_ns(stream, now_ns)
        until_ns = until_ns if hold is None else min(until_ns, hold)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(LEAST_PAUSE_S, (until_ns - now_ns) / 1e9)):
                await self._wakes[stream].wait()

    async def _receive(self, call: Call, stream: Stream) -> None:
        while isinstance(down := await call.read(), ingest_pb2.Down):
            now = self._clock.mono_ns()
            if down.HasField("ack"):
                self._acknowledged(down.ack, now)
            elif down.HasField("nack"):
                self._refused(down.nack, now)
            elif down.HasField("credit") and int(down.credit.lane) in wire.LANES:
                self._session.credited(wire.LANES[int(down.credit.lane)], down.credit.bytes)
            self.wake()  # both streams: an urgent acknowledgement also lets the rest go on
        if not self._bye:
            raise TransportError(f"{self.link.collector}: the collector closed the {stream.value} stream")

    def _acknowledged(self, ack: ingest_pb2.Ack, now_ns: int) -> None:
        mark = wire.mark(ack.committed)
        if mark is None:
            return
        epoch = self._spool.state(mark.lane).epoch
        if self._session.acknowledged(mark, ack.credit_bytes, epoch, now_ns) is not None:
            self._spool.acknowledge(mark.lane, mark.epoch, mark.seq)

    def _refused(self, nack: ingest_pb2.Nack, now_ns: int) -> None:
        lane = wire.LANES.get(int(nack.lane))
        if lane is None:
            return
        log.info("frame_refused", lane=lane.name, code=wire.code(nack), expected=nack.seq)
        match nack.code:
            case ingest_pb2.Nack.OVERLOAD:
                self._session.overloaded(lane, nack.seq, nack.retry_after_ms * 1_000_000, now_ns)
            case ingest_pb2.Nack.OUT_OF_ORDER:
                self._session.out_of_order(lane, nack.seq)
            case ingest_pb2.Nack.QUARANTINED:
                self._session.quarantined()
            case _:
                raise TransportError(f"the {lane.name.lower()} lane must be agreed upon anew: connecting again")


def _credentials(identity: Identity) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(identity.roots, identity.key, identity.chain)
