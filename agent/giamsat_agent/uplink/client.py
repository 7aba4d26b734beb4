# SPDX-License-Identifier: Apache-2.0
"""The connection to the collector: moves bytes both ways and decides nothing (`session` does).

Disk reads and the cursor are small and local; they are done on the event loop, where a slow disk delays sending and
nothing else: sensors and the spool's commits run elsewhere or in between.
"""

import asyncio
import contextlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import grpc
import structlog

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.errors import RejectedError, TransportError
from giamsat_agent.spool.spool import Spool
from giamsat_agent.spool.state import LaneState
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.session import Mark, Session, Stream, wait_s
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.lane import Lane

log = structlog.get_logger()

PROTOCOL: Final = 1
HELLO_S: Final = 30.0
GOODBYE_S: Final = 3.0
REJECTED_ATTEMPT: Final = 8
"""Where the waiting starts after the collector refused this agent: up to four minutes."""
OPTIONS: Final = (
    ("grpc.max_receive_message_length", limits.MESSAGE_BYTES),
    ("grpc.max_send_message_length", limits.MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)
_MEANING: Final[Mapping[grpc.StatusCode, type[TransportError]]] = {
    grpc.StatusCode.PERMISSION_DENIED: RejectedError,
    grpc.StatusCode.UNAUTHENTICATED: RejectedError,
    grpc.StatusCode.INVALID_ARGUMENT: RejectedError,
}
_LANES: Final = {int(lane): lane for lane in Lane}
_WIRE_LANES: Final = {
    Lane.URGENT: ingest_pb2.LANE_URGENT,
    Lane.EVENT: ingest_pb2.LANE_EVENT,
    Lane.METRIC: ingest_pb2.LANE_METRIC,
    Lane.BULK: ingest_pb2.LANE_BULK,
}

Call: TypeAlias = "grpc.aio.StreamStreamCall[ingest_pb2.Up, ingest_pb2.Down]"


@dataclass(frozen=True, slots=True)
class Introduction:
    """What this agent says of itself in every Hello."""

    version: str
    hostname: str
    boot_id: str
    nonce: int
    frame_period_s: float


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
        self._credentials = grpc.ssl_channel_credentials(identity.roots, identity.key, identity.chain)
        self._introduction = introduction
        self._spool = spool
        self._session = session
        self._clock = clock
        self._rng = rng
        self._wakes = {stream: asyncio.Event() for stream in Stream}
        self._heartbeat_s = 20.0
        self.link = Link()
        self._bye = ""
        self._parted = asyncio.Event()

    @property
    def acknowledged_ago_s(self) -> float | None:
        """Seconds since the collector last acknowledged anything; None before the first time."""
        at = self._session.acknowledged_ns
        return (self._clock.mono_ns() - at) / 1e9 if at else None

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
        """Connect, send, connect again, for ever."""
        attempt = 0
        while True:
            await asyncio.sleep(wait_s(attempt, self._rng.random()))
            address = self._addresses[attempt % len(self._addresses)]
            self.link.collector = address
            try:
                await self._connect(address)
            except TransportError as error:
                if self.link.connected:
                    attempt = 0
                self._lost(error)
                attempt = max(attempt, REJECTED_ATTEMPT) if isinstance(error, RejectedError) else attempt
            attempt += 1

    def _lost(self, error: TransportError) -> None:
        if self.link.connected or self.link.problem != str(error):
            log.warning("collector_lost", collector=self.link.collector, reason=str(error))
        self.link.connected, self.link.problem = False, str(error)

    async def _connect(self, address: str) -> None:
        async with grpc.aio.secure_channel(address, self._credentials, options=OPTIONS) as channel:
            stub = ingest_pb2_grpc.IngestStub(channel)  # type: ignore[no-untyped-call]
            with _translated(address):
                async with asyncio.TaskGroup() as streams:
                    for stream in Stream:
                        streams.create_task(self._stream(stub.Push(), stream))
        raise TransportError(f"{address}: the collector closed the connection")

    async def _stream(self, call: Call, stream: Stream) -> None:
        try:
            await call.write(ingest_pb2.Up(hello=self._hello(stream)))
            async with asyncio.timeout(HELLO_S):
                answer = await call.read()
            if not isinstance(answer, ingest_pb2.Down) or answer.WhichOneof("message") != "hello_ack":
                raise grpc.aio.AioRpcError(
                    await call.code(), grpc.aio.Metadata(), grpc.aio.Metadata(), await call.details()
                )
            self._resume(stream, answer.hello_ack)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._send(call, stream))
                both.create_task(self._receive(call, stream))
        finally:
            call.cancel()

    def _hello(self, stream: Stream) -> ingest_pb2.Hello:
        said = self._introduction
        return ingest_pb2.Hello(
            protocol=PROTOCOL,
            boot_id=said.boot_id,
            instance_nonce=said.nonce,
            lanes=[
                ingest_pb2.LaneState(lane=_WIRE_LANES[lane], epoch=state.epoch, first=state.first, next=state.next)
                for lane, state in self._states(stream).items()
            ],
            wall_ns=self._clock.wall_ns(),
            mono_ns=self._clock.mono_ns(),
            agent_version=said.version,
            frame_period_ms=int(said.frame_period_s * 1_000),
            hostname=said.hostname,
        )

    def _states(self, stream: Stream) -> dict[Lane, LaneState]:
        return {lane: self._spool.state(lane) for lane in stream.lanes}

    def _resume(self, stream: Stream, answer: ingest_pb2.HelloAck) -> None:
        self._heartbeat_s = min(max(answer.heartbeat_ms / 1_000, 1.0), 60.0)
        self.link.offset_ns = answer.server_wall_ns - self._clock.wall_ns()
        marks = [_mark(committed) for committed in answer.committed if int(committed.lane) in _LANES]
        resumption = self._session.resumed(self._states(stream), marks)
        for mark in resumption.acknowledged:
            self._spool.acknowledge(mark.lane, mark.epoch, mark.seq)
        for mark in resumption.behind:
            log.warning("collector_went_back", lane=mark.lane.name, held=mark.seq)
            self._spool.rewind(mark.lane, mark.seq)
        for mark in resumption.ahead:
            log.warning("spool_went_back", lane=mark.lane.name, collector_holds=mark.seq)
            self._spool.begin_epoch(mark.lane, mark.seq)
        if resumption.ahead:
            raise TransportError("a new epoch begins: connecting again")
        if not self.link.connected:
            log.info("collector_connected", collector=self.link.collector)
        self.link.connected, self.link.problem = True, ""

    async def _send(self, call: Call, stream: Stream) -> None:
        beat_ns = self._clock.mono_ns()
        wake = self._wakes[stream]
        while True:
            wake.clear()
            now = self._clock.mono_ns()
            if now >= beat_ns:
                beat_ns = now + int(self._heartbeat_s * 1e9)
                await call.write(ingest_pb2.Up(heartbeat=self._heartbeat(stream)))
            wanted = self._session.wanted(stream, self._states(stream), now)
            if wanted is None and self._bye and self._session.at_rest(stream):
                await call.write(ingest_pb2.Up(bye=ingest_pb2.Bye(reason=self._bye)))
                await call.done_writing()
                return
            if wanted is None:
                hold = self._session.next_hold_ns(stream, now)
                until = beat_ns if hold is None else min(beat_ns, hold)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.05, (until - now) / 1e9)):
                        await wake.wait()
                continue
            epoch = self._spool.state(wanted.lane).epoch
            for frame in self._spool.read(wanted.lane, wanted.after, wanted.most_bytes):
                self._session.sent(wanted.lane, frame, self._clock.mono_ns())
                await call.write(
                    ingest_pb2.Up(
                        frame=ingest_pb2.Frame(
                            lane=_WIRE_LANES[wanted.lane],
                            epoch=epoch,
                            seq=frame.seq,
                            flags=frame.flags,
                            payload=frame.payload,
                            crc=frame.crc,
                        )
                    )
                )

    def _heartbeat(self, stream: Stream) -> ingest_pb2.Heartbeat:
        return ingest_pb2.Heartbeat(
            wall_ns=self._clock.wall_ns(),
            mono_ns=self._clock.mono_ns(),
            lanes=[
                ingest_pb2.LaneCounters(
                    lane=_WIRE_LANES[lane],
                    produced=state.next - 1,
                    committed=state.committed,
                    acked=state.acked,
                    declared_lost=self._spool.declared_lost[lane],
                    spooled_bytes=state.size,
                )
                for lane, state in self._states(stream).items()
            ],
        )

    async def _receive(self, call: Call, stream: Stream) -> None:
        while isinstance(down := await call.read(), ingest_pb2.Down):
            now = self._clock.mono_ns()
            if down.HasField("ack"):
                self._acknowledged(down.ack, now)
            elif down.HasField("nack"):
                self._refused(down.nack, now)
            self._wakes[stream].set()
        code, details = await call.code(), await call.details()
        if self._bye and code is grpc.StatusCode.OK:
            self._parted.set()
        raise grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details)

    def _acknowledged(self, ack: ingest_pb2.Ack, now_ns: int) -> None:
        if int(ack.committed.lane) not in _LANES:
            return
        mark = _mark(ack.committed)
        epoch = self._spool.state(mark.lane).epoch
        if self._session.acknowledged(mark, ack.credit_bytes, epoch, now_ns) is not None:
            self._spool.acknowledge(mark.lane, mark.epoch, mark.seq)

    def _refused(self, nack: ingest_pb2.Nack, now_ns: int) -> None:
        lane = _LANES.get(int(nack.lane))
        if lane is None:
            return
        log.info("frame_refused", lane=lane.name, code=ingest_pb2.Nack.Code.Name(nack.code), expected=nack.seq)
        match nack.code:
            case ingest_pb2.Nack.OVERLOAD:
                self._session.overloaded(lane, nack.seq, nack.retry_after_ms * 1_000_000, now_ns)
            case ingest_pb2.Nack.OUT_OF_ORDER if nack.seq >= self._spool.state(lane).first:
                self._session.out_of_order(lane, nack.seq)
            case ingest_pb2.Nack.QUARANTINED:
                self._session.quarantined()
            case _:
                raise TransportError(f"the {lane.name.lower()} lane must be agreed upon anew: connecting again")


def _mark(committed: ingest_pb2.Committed) -> Mark:
    return Mark(_LANES[int(committed.lane)], committed.epoch, committed.seq)


@contextlib.contextmanager
def _translated(address: str) -> Iterator[None]:
    """Raise our errors in place of gRPC's, the most telling one of a group."""
    try:
        yield
    except BaseExceptionGroup as group:
        errors = list(_leaves(group))
        if any(isinstance(error, asyncio.CancelledError) for error in errors) and len(errors) == 1:
            raise errors[0] from group
        raise _ours(address, errors) from group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _ours(address: str, errors: list[BaseException]) -> BaseException:
    for error in errors:
        if isinstance(error, TransportError):
            return error
        if isinstance(error, grpc.aio.AioRpcError):
            kind = _MEANING.get(error.code(), TransportError)
            return kind(f"{address}: {error.details() or error.code().name.lower()}")
        if isinstance(error, TimeoutError):
            return TransportError(f"{address}: no answer to the greeting within {HELLO_S:g} s")
    return errors[0]
