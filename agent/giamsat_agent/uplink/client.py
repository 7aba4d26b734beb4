# SPDX-License-Identifier: Apache-2.0
"""The connection to the collector: moves bytes both ways and decides nothing (`conversation` and `session` do).

Everything here runs on the event loop, disk access included. A read or a cursor takes a fraction of a millisecond, a
commit some 10 to 30 ms on a slow disk; nothing on this loop is more urgent than that, and gRPC keeps the connection
alive from threads of its own.
"""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import grpc

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.errors import RejectedError, SpoolError, TransportError
from giamsat_agent.own_log import logger
from giamsat_agent.spool.spool import Spool
from giamsat_agent.uplink import wire
from giamsat_agent.uplink.clock_offset import Reference
from giamsat_agent.uplink.conversation import Conversation
from giamsat_agent.uplink.dialling import options
from giamsat_agent.uplink.failure import translated
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.session import LONGEST_WAIT_S, REFUSED_WAIT_S, Session, Stream, wait_s
from giamsat_agent.uplink.wire import Introduction
from giamsat_wire import limits
from giamsat_wire.clock import Clock
from giamsat_wire.record import Sample

log = logger()

HELLO_S: Final = 30.0
GOODBYE_S: Final = 3.0
LEAST_PAUSE_S: Final = 0.05
REJECTED_ATTEMPT: Final = 8
"""Where the waiting starts after the collector refused this agent: up to five minutes."""
OPTIONS: Final = (
    *options(limits.MESSAGE_BYTES),
    ("grpc.max_send_message_length", limits.MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.ping_timeout_ms", 20_000),  # or a keepalive that nobody answers is waited for a whole minute
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
    problem: str = "chưa thử / not tried yet"
    reference: Reference | None = None


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
        self.link = Link()
        self._lost_ns = clock.mono_ns()
        self._bye = ""
        self._parted = asyncio.Event()

    @property
    def acknowledged_ago_s(self) -> float | None:
        """Seconds since the collector last acknowledged anything; None before the first time."""
        at = self._session.acknowledged_ns
        return (self._clock.mono_ns() - at) / 1e9 if at else None

    @property
    def refused(self) -> Mapping[str, int]:
        """How often the collector did not take a frame as it came, by its reason."""
        return self._session.refused_total

    @property
    def lost_s(self) -> float:
        """Seconds without a connection; 0 while there is one."""
        return 0.0 if self.link.connected else (self._clock.mono_ns() - self._lost_ns) / 1e9

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
        attempt, longest_s = 0, LONGEST_WAIT_S
        while True:
            if await self._rested(wait_s(attempt, self._rng.random(), longest_s)):
                attempt, longest_s = 0, LONGEST_WAIT_S
            address = self._addresses[attempt % len(self._addresses)]
            self.link.collector = address
            try:
                await self._connection(address)
            except (TransportError, SpoolError) as error:
                if self.link.connected:
                    attempt = 0
                self._lost(error)
                longest_s = REFUSED_WAIT_S if isinstance(error, RejectedError) else LONGEST_WAIT_S
                attempt = max(attempt, REJECTED_ATTEMPT) if isinstance(error, RejectedError) else attempt
            if self._parted.is_set():
                return
            attempt += 1

    async def _rested(self, pause_s: float) -> bool:
        """Wait before the next attempt; True, and at once, when there is another certificate to try with."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._renewed.wait()
        return self._renewed.is_set()

    def _lost(self, error: TransportError | SpoolError) -> None:
        if self._bye:
            self._parted.set()
        elif self.link.connected or self.link.problem != str(error):
            log.warning("collector_lost", collector=self.link.collector, reason=str(error))
        if self.link.connected:
            self._lost_ns = self._clock.mono_ns()
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
        raise TransportError(f"{address}: kết nối đã đóng đúng lệ / the connection was closed in order")

    async def _stream(self, call: Call, stream: Stream) -> None:
        talk = Conversation(
            stream, spool=self._spool, session=self._session, introduction=self._introduction, clock=self._clock
        )
        try:
            async with asyncio.timeout(HELLO_S):
                await call.write(talk.hello())
                answer = await call.read()
            if not isinstance(answer, ingest_pb2.Down) or not answer.HasField("hello_ack"):
                raise TransportError(
                    f"{self.link.collector}: không có lời chào đáp lại, đây có phải bộ thu thập không / "
                    "no greeting came back: is this a collector?"
                )
            talk.greeted(answer.hello_ack)
            self._met(talk)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._send(call, talk))
                both.create_task(self._receive(call, talk))
        finally:
            call.cancel()

    def samples(self) -> tuple[Sample, ...]:
        """How far this host's clock is ahead of the collector's; nothing before the first greeting."""
        reference = self.link.reference
        if reference is None:
            return ()
        return (Sample("giamsat_agent_clock_offset_seconds", reference.ahead_s(self._clock)),)

    def _met(self, talk: Conversation) -> None:
        self.link.reference = talk.reference
        if not self.link.connected:
            log.info("collector_connected", collector=self.link.collector)
        self.link.connected, self.link.problem = True, ""

    async def _send(self, call: Call, talk: Conversation) -> None:
        while True:
            talk.leaving = bool(self._bye)
            if talk.is_over:
                break
            self._wakes[talk.stream].clear()
            said = 0
            for up in talk.says():
                await call.write(up)
                said += 1
            if not said:
                await self._pause(talk)
        if talk.stream is Stream.URGENT:
            await call.write(wire.bye(self._bye))
        await call.done_writing()

    async def _pause(self, talk: Conversation) -> None:
        """Wait for news of the spool or the collector, or for a time that was set."""
        pause_s = (talk.due_ns() - self._clock.mono_ns()) / 1e9
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(LEAST_PAUSE_S, pause_s)):
                await self._wakes[talk.stream].wait()

    async def _receive(self, call: Call, talk: Conversation) -> None:
        while isinstance(down := await call.read(), ingest_pb2.Down):
            talk.hears(down)
            self.wake()  # both streams: an urgent acknowledgement also lets the rest go on
        if not self._bye:
            raise TransportError(
                f"{self.link.collector}: bộ thu thập đã đóng luồng {talk.stream.value} / "
                f"the collector closed the {talk.stream.value} stream"
            )


def _credentials(identity: Identity) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(identity.roots, identity.key, identity.chain)
