# SPDX-License-Identifier: Apache-2.0
"""A small collector on loopback with mutual TLS: keeps what it acknowledges, and fails when a test tells it to."""

import contextlib
from dataclasses import dataclass, field
from typing import Any

import grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_agent.uplink.identity import Identity, Validity
from giamsat_wire.clock import SystemClock
from giamsat_wire.frame import checksum
from support.authority import LocalAuthority, open_authority

AGENT_ID = "11111111-1111-4111-8111-111111111111"
OPTIONS = (
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 100),
    ("grpc.http2.max_ping_strikes", 0),
)


@dataclass
class Lane:
    epoch: int
    held: int
    frames: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass
class PushServer(ingest_pb2_grpc.IngestServicer):
    """Implements Push. `lanes` is what is durable: it outlives `stop` and `start`.

    `cut_every` ends a stream after so many frames; `deaf` takes frames in without acknowledging them; `refuse` is a
    status every stream is answered with; each of `says` gives all that a second stream is told before it is closed.
    """

    authority: LocalAuthority
    lanes: dict[int, Lane] = field(default_factory=dict)
    cut_every: int = 0
    deaf: bool = False
    heartbeat_ms: int = 1_000
    refuse: grpc.StatusCode | None = None
    says: list[Any] = field(default_factory=list)
    greetings: list[object] = field(default_factory=list)
    goodbyes: list[object] = field(default_factory=list)
    beats: list[object] = field(default_factory=list)
    missing: list[object] = field(default_factory=list)
    nacks: list[object] = field(default_factory=list)
    spoilt: list[object] = field(default_factory=list)
    port: int = 0
    _server: grpc.aio.Server = field(init=False)

    async def start(self):
        self._server = grpc.aio.server(options=OPTIONS)
        ingest_pb2_grpc.add_IngestServicer_to_server(self, self._server)
        own = self.authority.server(("localhost", "127.0.0.1"))
        credentials = grpc.ssl_server_credentials(
            [(own.key, own.chain)], self.authority.client_roots_pem, require_client_auth=True
        )
        self.port = self._server.add_secure_port(f"127.0.0.1:{self.port}", credentials)
        await self._server.start()

    async def stop(self):
        await self._server.stop(None)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def seqs(self, lane):
        return [seq for seq, _ in self.lanes[lane].frames] if lane in self.lanes else []

    def payloads(self, lane):
        return [payload for _, payload in self.lanes[lane].frames] if lane in self.lanes else []

    async def Push(self, request_iterator, context):  # noqa: N802 - the name stands in the .proto file
        if self.refuse is not None:
            await context.abort(self.refuse, "revoked: stolen machine")
        hello = (await context.read()).hello
        self.greetings.append(hello)
        if self.says and len(hello.lanes) > 1:
            await _say_all(context, self.says.pop()(hello))
            return
        await context.write(ingest_pb2.Down(hello_ack=self._greet(hello)))
        left = self.cut_every
        async for up in request_iterator:
            match up.WhichOneof("message"):
                case "frame":
                    left -= 1
                    if self.cut_every and left < 0:
                        await context.abort(grpc.StatusCode.UNAVAILABLE, "cut")
                    for answer in self._take(up.frame):
                        await context.write(answer)
                case "heartbeat":
                    self.beats.append(up.heartbeat)
                case "bye":
                    self.goodbyes.append(up.bye.reason)
                case _:
                    raise AssertionError(up)

    def _greet(self, hello):
        for offer in hello.lanes:
            lane = self.lanes.get(offer.lane)
            if lane is None or offer.epoch > lane.epoch:
                kept = lane.frames if lane else []
                lane = self.lanes[offer.lane] = Lane(offer.epoch, offer.first - 1, kept)
            if offer.epoch == lane.epoch and offer.first > lane.held + 1:
                self.missing.append((offer.lane, lane.held + 1, offer.first - 1))
                lane.held = offer.first - 1
        marks = [self._mark(offer.lane) for offer in hello.lanes]
        return ingest_pb2.HelloAck(
            committed=marks, server_wall_ns=SystemClock().wall_ns(), heartbeat_ms=self.heartbeat_ms
        )

    def _mark(self, lane):
        return ingest_pb2.Committed(lane=lane, epoch=self.lanes[lane].epoch, seq=self.lanes[lane].held)

    def _take(self, frame):
        lane = self.lanes[frame.lane]
        if frame.epoch != lane.epoch or frame.seq > lane.held + 1:
            code = ingest_pb2.Nack.OUT_OF_ORDER if frame.epoch == lane.epoch else ingest_pb2.Nack.POLICY
            self.nacks.append(frame.seq)
            yield ingest_pb2.Down(nack=ingest_pb2.Nack(lane=frame.lane, seq=lane.held + 1, code=code))
            return
        expected = checksum(flags=frame.flags, lane=frame.lane, seq=frame.seq, payload=frame.payload)
        if frame.crc != expected:
            self.spoilt.append(frame.seq)
        if frame.seq == lane.held + 1:
            lane.held = frame.seq
            lane.frames.append((frame.seq, frame.payload))
        if not self.deaf:
            yield ingest_pb2.Down(ack=ingest_pb2.Ack(committed=self._mark(frame.lane), credit_bytes=1 << 18))


async def _say_all(context, words):
    for down in words:
        await context.write(down)


@contextlib.asynccontextmanager
async def serving(folder, **words):
    """A server that runs while the context lasts, and the identity of an agent it knows."""
    authority = open_authority(folder / "ca", SystemClock())
    server = PushServer(authority, **words)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def enrolled(authority):
    """An identity made in place of an enrolment."""
    key = ec.generate_private_key(ec.SECP256R1())
    chain = authority.agent(key.public_key(), unit="40.412", agent_id=AGENT_ID)
    return Identity(
        agent_id=AGENT_ID,
        unit="40.412",
        key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        chain=b"".join(part.public_bytes(serialization.Encoding.PEM) for part in chain),
        roots=authority.root_pem,
        validity=Validity(0, 1 << 40),
        enrolment="127.0.0.1:1",
    )
