# SPDX-License-Identifier: Apache-2.0
"""The ingest server over real TLS on loopback, and the words an agent says to it."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.renewing import RenewalService
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest import peer
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.notices import Notices
from giamsat_collector.ingest.server import build
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.signing.possession import spki_sha256
from giamsat_wire.clock import SystemClock
from giamsat_wire.frame import checksum
from support import push_server
from support.authority import LocalAuthority, open_authority
from support.csr import fresh_key
from support.enrolled import enrolled
from support.memory_store import MemoryStore

AGENT = "11111111-1111-4111-8111-111111111111"
PROBE_S = 0.5
PEM = serialization.Encoding.PEM


@dataclass
class Site:
    authority: LocalAuthority
    store: MemoryStore
    fleet: Fleet
    allow_list: AllowList
    service: IngestService
    renewal: RenewalService
    committing: asyncio.Task[None]
    address: str = ""

    def channel(self, key=None, chain=None, roots=None):
        private = key and key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        credentials = grpc.ssl_channel_credentials(roots or self.authority.root_pem, private, chain)
        return grpc.aio.secure_channel(self.address, credentials)

    def enrolled(self, agent=AGENT):
        """A channel of an agent that may connect."""
        return self.channel(*self.identity(agent))

    def identity(self, agent=AGENT):
        """The key and the certificates of an agent that may connect."""
        key = fresh_key()
        chain = self.authority.agent(key.public_key(), unit="u", agent_id=agent)
        pem = b"".join(part.public_bytes(PEM) for part in chain)
        serial = f"{chain[0].serial_number:x}"
        self.allow_list.keep(enrolled(agent, "u", key=spki_sha256(key.public_key()), serial=serial, chain=pem))
        return key, pem

    def admitted(self):
        """The identity of a real agent that may connect."""
        identity = push_server.enrolled(self.authority)
        leaf = x509.load_pem_x509_certificate(identity.chain)
        key, serial = spki_sha256(leaf.public_key()), f"{leaf.serial_number:x}"
        self.allow_list.keep(enrolled(AGENT, identity.unit, key=key, serial=serial, chain=identity.chain))
        return identity


@asynccontextmanager
async def opened(tmp_path, **settings):
    """A server that serves; `settings` are those of its service."""
    clock, store = SystemClock(), MemoryStore()
    authority = open_authority(tmp_path / "ca", clock)
    allow_list = AllowList(lambda agent, why: service.cut(agent, why))  # noqa: PLW0108 - the service is made below
    intake, fleet = Intake(store), Fleet(clock)
    notices = Notices(store, clock, intake.tail.news.set)
    renewing, caller = peer.admitting(
        store=store,
        signer=authority.signer,
        carrier=authority.carrier,
        allow_list=allow_list,
        clock=clock,
        notices=notices,
    )
    service = IngestService(
        store=store,
        intake=intake,
        fleet=fleet,
        clock=clock,
        authenticate=caller,
        saw=notices.saw,
        probe_s=PROBE_S,
        **settings,
    )
    renewal = RenewalService(renewing, caller)
    server, port = serve(service, renewal, authority, "127.0.0.1:0")
    await server.start()
    committing = asyncio.ensure_future(intake.run())
    yield Site(authority, store, fleet, allow_list, service, renewal, committing, f"127.0.0.1:{port}")
    committing.cancel()
    await server.stop(None)
    await store.close()


def serve(service, renewal, authority, address):
    return build(service, renewal, address, authority.certificate().credentials(clients=True))


def hello(epoch=5, first=1, **said):
    offer = ingest_pb2.LaneState(lane=ingest_pb2.LANE_EVENT, epoch=epoch, first=first, next=first)
    return ingest_pb2.Up(hello=ingest_pb2.Hello(protocol=1, lanes=[offer], hostname="máy-1", **said))


def frame(seq, payload=b"p", epoch=5):
    crc = checksum(flags=0, lane=2, seq=seq, payload=payload)
    return ingest_pb2.Up(
        frame=ingest_pb2.Frame(lane=ingest_pb2.LANE_EVENT, epoch=epoch, seq=seq, payload=payload, crc=crc)
    )


async def refused(channel, *messages):
    """The status a stream is ended with after these messages."""
    async with channel, asyncio.timeout(60):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        for message in messages:
            await call.write(message)
        return await call.code()


async def said(channel, *messages, until):
    """What a stream hears until an answer satisfies `until`."""
    async with channel, asyncio.timeout(60):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        for message in messages:
            await call.write(message)
        heard: list[ingest_pb2.Down] = []
        while not heard or not until(heard[-1]):
            heard.append(await call.read())
        call.cancel()
        return heard


def acked(seq):
    return lambda down: down.ack.committed.seq >= seq
