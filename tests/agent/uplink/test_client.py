# SPDX-License-Identifier: Apache-2.0
"""The client against a real gRPC server on loopback with mutual TLS, and a spool on a simulated disk."""

import asyncio

import grpc
import pytest

from giamsat_agent.uplink.client import Link
from giamsat_wire.lane import Lane
from support.files import Disk
from support.push_server import enrolled, serving
from support.uplinks import emptied, made, opened, put, running, until


async def test_what_is_in_the_spool_arrives_whole_and_in_order_and_is_acknowledged(tmp_path):
    spool = opened(Disk())
    async with serving(tmp_path) as server, running(made(spool, server)):
        sent = {lane: [b"%s %d" % (lane.name.encode(), number) for number in range(200)] for lane in Lane}
        for lane, payloads in sent.items():
            put(spool, lane, *payloads)
        await until(lambda: emptied(spool))

        assert {lane: server.payloads(lane) for lane in Lane} == sent
        assert server.spoilt == []


async def test_the_offset_of_the_clock_is_told_from_the_first_greeting_on(tmp_path):
    spool = opened(Disk())
    async with serving(tmp_path) as server:
        client = made(spool, server)
        before = client.samples()
        async with running(client):
            await until(lambda: client.link.connected)
            (sample,) = client.samples()

    assert before == ()
    assert (sample.name, sample.value) == ("giamsat_agent_clock_offset_seconds", 0.0)


async def test_a_frame_committed_later_is_sent_when_the_client_is_woken(tmp_path):
    spool = opened(Disk())
    async with serving(tmp_path) as server:
        client = made(spool, server)
        async with running(client):
            await until(lambda: client.link.connected)
            put(spool, Lane.URGENT, b"alarm")
            client.wake()
            await until(lambda: server.payloads(Lane.URGENT) == [b"alarm"])
            await until(lambda: client.acknowledged_ago_s is not None)


async def test_an_urgent_acknowledgement_lets_the_rest_go_on_at_once(tmp_path):
    spool = opened(Disk())
    async with serving(tmp_path, deaf=True, heartbeat_ms=60_000) as server:
        client = made(spool, server)
        async with running(client):
            await until(lambda: client.link.connected)
            put(spool, Lane.URGENT, b"1")
            client.wake()
            await until(lambda: server.seqs(Lane.URGENT))
            await asyncio.sleep(1.1)
            put(spool, Lane.EVENT, b"event")
            client.wake()
            await asyncio.sleep(0.1)
            assert server.seqs(Lane.EVENT) == []
            server.deaf = False
            put(spool, Lane.URGENT, b"2")
            client.wake()

            # Of itself it would look again when its next heartbeat is due: in three minutes.
            await until(lambda: server.seqs(Lane.EVENT) == [1])


async def test_the_greeting_says_who_speaks_and_what_is_held(tmp_path):
    spool = opened(Disk())
    put(spool, Lane.METRIC, b"1", b"2")
    async with serving(tmp_path) as server, running(made(spool, server)):
        await until(lambda: len(server.greetings) == 2 and server.beats)

        lanes = {lane.lane: (lane.first, lane.next) for hello in server.greetings for lane in hello.lanes}
        assert lanes == {1: (1, 1), 2: (1, 1), 3: (1, 3), 4: (1, 1)}
        assert {(hello.hostname, hello.protocol, hello.instance_nonce) for hello in server.greetings} == {
            ("máy-1", 1, 5)
        }


async def test_a_renewed_certificate_is_presented_on_new_streams_and_nothing_is_lost(tmp_path):
    spool = opened(Disk())
    async with serving(tmp_path) as server:
        client = made(spool, server)
        async with running(client):
            await until(lambda: len(server.greetings) == 2)
            client.present(enrolled(server.authority))
            put(spool, Lane.EVENT, b"after")
            await until(lambda: len(server.greetings) == 4 and server.payloads(Lane.EVENT) == [b"after"])

            assert client.link.problem == ""
            assert len({greeting.instance_nonce for greeting in server.greetings}) == 1


async def test_a_goodbye_takes_urgent_frames_along_and_leaves_the_backlog(tmp_path, monkeypatch):
    monkeypatch.setattr("giamsat_agent.uplink.client.GOODBYE_S", 60.0)
    spool = opened(Disk())
    async with serving(tmp_path) as server:
        client = made(spool, server)
        async with running(client) as task:
            await until(lambda: client.link.connected)
            put(spool, Lane.URGENT, b"agent-stopped")
            await client.finish("stopped in order")

            assert server.payloads(Lane.URGENT) == [b"agent-stopped"]
            assert server.goodbyes == ["stopped in order"]
            assert spool.state(Lane.URGENT).acked == 1
            await asyncio.wait_for(task, 60)


async def test_a_goodbye_to_a_collector_that_is_away_takes_no_time(tmp_path, monkeypatch):
    monkeypatch.setattr("giamsat_agent.uplink.client.GOODBYE_S", 600.0)
    spool = opened(Disk())
    async with serving(tmp_path) as server:
        client = made(spool, server)
        await server.stop()
        async with running(client):
            await until(lambda: client.link.problem != Link().problem)
            async with asyncio.timeout(60):
                await client.finish("stopped in order")

        assert server.goodbyes == []


@pytest.mark.parametrize("status", [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED])
async def test_a_refused_agent_says_why_and_does_not_insist(tmp_path, status):
    spool = opened(Disk())
    async with serving(tmp_path, refuse=status) as server:
        client = made(spool, server)
        async with running(client) as task:
            await until(lambda: "revoked: stolen machine" in client.link.problem)
            await asyncio.sleep(0.3)

            assert not task.done()
            assert not client.link.connected


@pytest.mark.parametrize("after_ms", range(0, 60, 6))
async def test_a_client_that_is_cancelled_ends_whatever_its_connection_does(tmp_path, after_ms):
    async with serving(tmp_path, refuse=grpc.StatusCode.UNAVAILABLE) as server:
        task = asyncio.ensure_future(made(opened(Disk()), server).run())
        await asyncio.sleep(after_ms / 1_000)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=60)

        assert done
        assert task.cancelled()


async def test_the_next_address_is_tried_when_one_does_not_answer(tmp_path, free_ports):
    spool = opened(Disk())
    put(spool, Lane.EVENT, b"x")
    (nobody,) = free_ports(1)
    async with serving(tmp_path) as server:
        client = made(spool, server, f"127.0.0.1:{nobody}", server.address)
        async with running(client):
            await until(lambda: emptied(spool))

            assert client.link.collector == server.address


async def test_a_collector_with_another_root_is_not_spoken_to(tmp_path):
    spool = opened(Disk())
    put(spool, Lane.EVENT, b"secret")
    async with serving(tmp_path / "true") as ours, serving(tmp_path / "false") as theirs:
        client = made(spool, ours, theirs.address)
        async with running(client):
            await until(lambda: client.link.problem != Link().problem)

            assert theirs.greetings == []
            assert spool.state(Lane.EVENT).acked == 0


class OnceThenNever:
    """The first wait is none; those after it would not end."""

    def __init__(self):
        self._draws = iter([0.0])

    def random(self):
        return next(self._draws, 1_000.0)


async def test_who_waits_to_try_again_tries_at_once_with_another_certificate(tmp_path):
    spool = opened(Disk())
    put(spool, Lane.EVENT, b"waits")
    async with serving(tmp_path / "true") as ours, serving(tmp_path / "false") as theirs:
        client = made(spool, ours, theirs.address, rng=OnceThenNever())
        async with running(client):
            await until(lambda: client.link.problem != Link().problem)
            client.present(enrolled(theirs.authority))
            await until(lambda: emptied(spool))

        assert theirs.payloads(Lane.EVENT) == [b"waits"]
