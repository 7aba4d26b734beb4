# SPDX-License-Identifier: Apache-2.0
"""Push over real TLS on loopback: who gets in, who does not, and what an enrolled agent cannot break."""

import asyncio
import contextlib
import time

import grpc
import pytest
from cryptography.hazmat.primitives import serialization

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.errors import StartError, StoreError
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.tables import losses
from giamsat_wire import limits
from giamsat_wire.clock import SystemClock
from support.authority import open_authority
from support.csr import fresh_key
from support.ingest_site import AGENT, PEM, acked, frame, hello, opened, refused, said, serve

LARGEST = (1 << 64) - 1


@pytest.fixture
async def site(tmp_path):
    async with opened(tmp_path) as site:
        yield site


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
    async with site.enrolled() as channel, asyncio.timeout(60):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(hello())
        await call.read()

        site.allow_list.expel(AGENT, "stolen", 1)

        assert await call.code() is grpc.StatusCode.PERMISSION_DENIED
        assert "stolen" in await call.details()
        again = ingest_pb2_grpc.IngestStub(channel).Push()
        assert await again.code() is grpc.StatusCode.PERMISSION_DENIED


async def greeted(channel, *lanes):
    """One stream of an agent for each of these lanes, greeted."""
    calls = []
    for lane in lanes:
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        greeting = hello()
        greeting.hello.lanes[0].lane = lane
        await call.write(greeting)
        assert (await call.read()).HasField("hello_ack")
        calls.append(call)
    return calls


async def test_whoever_is_revoked_loses_both_streams_and_gets_in_no_more_and_nobody_else_notices(
    site, pytestconfig, record_property
):
    count, within_s, took_s, let_in = pytestconfig.option.revoked, pytestconfig.option.closed_s, [], 0
    async with site.enrolled() as neighbour, asyncio.timeout(60 * count):
        (other,) = await greeted(neighbour, ingest_pb2.LANE_EVENT)
        for number in range(1, count + 1):
            agent = f"{number:08x}-2222-4222-8222-222222222222"
            identity = site.identity(agent)
            async with site.channel(*identity) as channel:
                calls = await greeted(channel, ingest_pb2.LANE_URGENT, ingest_pb2.LANE_EVENT)
                began = time.monotonic()
                site.allow_list.expel(agent, "stolen", 1)
                closed = [await call.code() for call in calls]
                took_s.append(time.monotonic() - began)
                again = await ingest_pb2_grpc.IngestStub(channel).Push().code()
            anew = await refused(site.channel(*identity))
            let_in += {*closed, again, anew} != {grpc.StatusCode.PERMISSION_DENIED}
            await other.write(frame(number))
            while (await other.read()).ack.committed.seq < number:
                pass

    late = sum(passed > within_s for passed in took_s)
    counts = (
        f"{count} revoked, {late} closed later than {within_s:g} s (slowest {max(took_s):.3f} s), {let_in} let in again"
    )
    record_property("revoked while connected", f"{counts}, {late + let_in} violations")
    assert (late, let_in) == (0, 0)


async def test_one_that_is_revoked_while_it_is_greeted_is_told_why(site, monkeypatch):
    def greeted(_):
        asyncio.get_running_loop().call_soon(site.allow_list.expel, AGENT, "stolen", 1)

    monkeypatch.setattr(site.fleet, "greeted", greeted)
    async with site.enrolled() as channel, asyncio.timeout(60):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(hello())
        await call.read()

        assert await call.code() is grpc.StatusCode.PERMISSION_DENIED
        assert "stolen" in await call.details()


async def test_a_message_over_the_cap_ends_its_stream_and_nothing_else(site):
    async with site.enrolled() as channel, asyncio.timeout(60):
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(hello())
        await call.read()
        with contextlib.suppress(grpc.aio.AioRpcError):
            await call.write(frame(1, b"x" * (limits.MESSAGE_BYTES + 1)))
        # The latter when the stream ended before all of it was written.
        assert await call.code() in {grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL}

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
    async with channel, asyncio.timeout(60):
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
