# SPDX-License-Identifier: Apache-2.0
"""Push over real TLS on loopback: who gets in, who does not, and what an enrolled agent cannot break."""

import asyncio
from dataclasses import dataclass, field

import grpc
import pytest
from cryptography.hazmat.primitives import serialization

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.renewing import RenewalService, Renewing
from giamsat_collector.errors import StartError, StoreError
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest import frames, peer
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.notices import SUPERSEDED, Notices
from giamsat_collector.ingest.server import build
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.ingest.tables import losses
from giamsat_collector.signing.possession import spki_sha256
from giamsat_wire import limits
from giamsat_wire.clock import SystemClock
from giamsat_wire.frame import checksum
from support.authority import LocalAuthority, open_authority
from support.console import MemoryStore
from support.csr import fresh_key
from support.enrolled import enrolled

AGENT = "11111111-1111-4111-8111-111111111111"
PROBE_S = 0.5
PEM = serialization.Encoding.PEM
LARGEST = (1 << 64) - 1


@dataclass
class Site:
    authority: LocalAuthority
    store: MemoryStore
    fleet: Fleet
    allow_list: AllowList
    service: IngestService
    renewal: RenewalService
    committing: asyncio.Task
    address: str = ""
    keys: dict = field(default_factory=dict)

    def channel(self, key=None, chain=None, roots=None):
        private = key and key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        credentials = grpc.ssl_channel_credentials(roots or self.authority.root_pem, private, chain)
        return grpc.aio.secure_channel(self.address, credentials)

    def enrolled(self):
        """A channel of an agent that may connect."""
        key = fresh_key()
        chain = self.authority.agent(key.public_key(), unit="u", agent_id=AGENT)
        pem = b"".join(part.public_bytes(PEM) for part in chain)
        serial = f"{chain[0].serial_number:x}"
        self.allow_list.keep(enrolled(AGENT, "u", key=spki_sha256(key.public_key()), serial=serial, chain=pem))
        return self.channel(key, pem)


@pytest.fixture
async def site(tmp_path):
    clock, store = SystemClock(), MemoryStore()
    authority = open_authority(tmp_path / "ca", clock)
    allow_list = AllowList(lambda agent, why: service.cut(agent, why))  # noqa: PLW0108 - the service is made below
    intake, fleet = Intake(store), Fleet(clock)
    notices = Notices(store, clock, intake.committed.set)
    renewing = Renewing(
        store=store,
        signer=authority.signer,
        carrier=authority.carrier,
        allow_list=allow_list,
        clock=clock,
        remark=notices.remark,
    )
    caller = peer.of_call(allow_list.find, used=renewing.used, superseded=lambda agent: notices.saw(agent, SUPERSEDED))
    service = IngestService(
        store=store, intake=intake, fleet=fleet, clock=clock, authenticate=caller, saw=notices.saw, probe_s=PROBE_S
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


def hello(lane=2, epoch=5, first=1, **said):
    offer = ingest_pb2.LaneState(lane=lane, epoch=epoch, first=first, next=first)
    return ingest_pb2.Up(hello=ingest_pb2.Hello(protocol=1, lanes=[offer], hostname="máy-1", **said))


def frame(seq, payload=b"p", epoch=5):
    crc = checksum(flags=0, lane=2, seq=seq, payload=payload)
    return ingest_pb2.Up(frame=ingest_pb2.Frame(lane=2, epoch=epoch, seq=seq, payload=payload, crc=crc))


async def refused(channel, *messages):
    """The status a stream is ended with after these messages."""
    async with channel, asyncio.timeout(10):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        for message in messages:
            await call.write(message)
        return await call.code()


async def said(channel, *messages, until):
    """What a stream hears until an answer satisfies `until`."""
    async with channel, asyncio.timeout(10):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        for message in messages:
            await call.write(message)
        heard = []
        while not heard or not until(heard[-1]):
            heard.append(await call.read())
        call.cancel()
        return heard


def acked(seq):
    return lambda down: down.ack.committed.seq >= seq


async def test_an_enrolled_agent_is_served(site):
    heard = await said(site.enrolled(), hello(), frame(1), until=acked(1))

    assert heard[0].WhichOneof("message") == "hello_ack"
    assert [stored.payload for stored in await site.store.read(lambda c: frames.after(c, 0, 9))] == [b"p"]


async def test_without_a_client_certificate_no_stream_begins(site):
    assert await refused(site.channel()) is grpc.StatusCode.UNAVAILABLE
    assert site.service.refused_total == {}


async def test_a_certificate_of_another_authority_does_not_pass_tls(site, tmp_path):
    other = open_authority(tmp_path / "other", SystemClock())
    key = fresh_key()
    chain = b"".join(part.public_bytes(PEM) for part in other.agent(key.public_key(), unit="u", agent_id=AGENT))

    assert await refused(site.channel(key, chain)) is grpc.StatusCode.UNAVAILABLE


async def test_a_servers_certificate_does_not_open_a_stream(site):
    own = site.authority.server(("localhost",))
    key = serialization.load_pem_private_key(own.key, None)

    outcome = await refused(site.channel(key, own.chain))

    assert outcome in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.PERMISSION_DENIED}


async def test_an_unknown_agent_with_our_certificate_is_refused_by_name(site):
    key = fresh_key()
    chain = b"".join(
        part.public_bytes(PEM) for part in site.authority.agent(key.public_key(), unit="u", agent_id=AGENT)
    )

    assert await refused(site.channel(key, chain)) is grpc.StatusCode.PERMISSION_DENIED
    assert site.service.refused_total == {"unknown_agent": 1}


async def test_revoking_closes_the_live_stream_and_the_next_one(site):
    async with site.enrolled() as channel, asyncio.timeout(10):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(hello())
        await call.read()

        site.allow_list.expel(AGENT, "stolen", 1)

        assert await call.code() is grpc.StatusCode.PERMISSION_DENIED
        assert "stolen" in await call.details()
        again = ingest_pb2_grpc.IngestStub(channel).Push()
        assert await again.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_a_message_over_the_cap_ends_its_stream_and_nothing_else(site):
    async with site.enrolled() as channel, asyncio.timeout(10):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(hello())
        await call.read()
        await call.write(frame(1, b"x" * (limits.MESSAGE_BYTES + 1)))
        assert await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED

    await said(site.enrolled(), hello(), frame(1), until=acked(1))


@pytest.mark.parametrize(
    "greeting",
    [
        hello(wall_ns=LARGEST),
        hello(wall_ns=0),
        hello(epoch=LARGEST),
        hello(first=LARGEST),
        hello(frame_period_ms=0, agent_version="v" * 9_999, boot_id="b" * 9_999),
    ],
    ids=["clock-at-its-end", "clock-at-zero", "epoch", "sequence", "long"],
)
async def test_figures_no_row_can_hold_stop_neither_the_commits_nor_the_fleet(site, greeting):
    channel = site.enrolled()
    offer = greeting.hello.lanes[0]
    async with channel, asyncio.timeout(10):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(greeting)
        await call.read()
        await call.write(ingest_pb2.Up(heartbeat=ingest_pb2.Heartbeat(wall_ns=greeting.hello.wall_ns)))
        await call.write(frame(offer.first, epoch=offer.epoch))
        call.cancel()
    await said(site.enrolled(), hello(epoch=9), frame(1, epoch=9), until=acked(1))

    assert not site.committing.done()
    await site.store.write(site.fleet.save)


async def test_a_loss_is_declared_once_though_the_disk_was_full_and_the_agent_came_twice(site):
    await said(site.enrolled(), hello(), frame(1), until=acked(1))
    whole = site.store.write

    async def full(work):
        raise StoreError("disk full")

    site.store.write = full
    assert await refused(site.enrolled(), hello(first=5)) is grpc.StatusCode.UNAVAILABLE
    site.store.write = whole
    for _ in range(2):
        await said(site.enrolled(), hello(first=5), until=lambda down: down.HasField("hello_ack"))
        site.service._lives.clear()  # as after a restart

    found = await site.store.read(lambda c: [(row.first, row.last) for row in c.execute(losses.select())])
    assert found == [(2, 4)]


async def test_a_port_in_use_is_said_with_the_setting_to_change(site):
    with pytest.raises(StartError, match=rf"{site.address}.*listen\.ingest"):
        serve(site.service, site.renewal, site.authority, site.address)
