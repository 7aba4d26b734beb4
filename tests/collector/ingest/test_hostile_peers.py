# SPDX-License-Identifier: Apache-2.0
"""What one enrolled host, or none, does to the connection itself; the others' frames are acknowledged all the same."""

import asyncio
import contextlib
import socket
import statistics

import psutil
import pytest

from giamsat.v1 import ingest_pb2_grpc
from giamsat_collector.ingest import server
from support import http2
from support.ingest_site import acked, frame, hello, opened, said
from support.patience import Patience

HOSTILE = "22222222-2222-4222-8222-222222222222"
MIB = 1 << 20
HELD_BYTES = 100 * MIB
P95_S = 2.0


def resets(count):
    """Streams that are begun and reset at once, many a write (CVE-2023-44487)."""
    for begin in range(1, 2 * count, 200):
        yield b"".join(
            http2.frame(http2.HEADERS, http2.PUSH, stream=stream, flags=http2.END_HEADERS)
            + http2.frame(http2.RST_STREAM, bytes(4), stream=stream)
            for stream in range(begin, begin + 200, 2)
        )


def headers_without_end(count):
    """Header blocks that go on and on."""
    yield http2.frame(http2.HEADERS, http2.PUSH, stream=1)
    part = http2.field(b"x-filler", b"x" * 16_000)
    for _ in range(count):
        yield http2.frame(http2.CONTINUATION, part, stream=1)


def many(kind, payload, count):
    """The same small frame, many a write."""
    for _ in range(count // 100):
        yield http2.frame(kind, payload) * 100


ATTACKS = {
    "rapid resets": lambda: resets(10_000),
    "headers of 16 MiB": lambda: headers_without_end(1_024),
    "pings": lambda: many(http2.PING, bytes(8), 50_000),
    "settings": lambda: many(http2.SETTINGS, b"", 50_000),
}


@pytest.fixture
async def site(tmp_path, monkeypatch):
    quicker = {**dict(server.OPTIONS), "grpc.server_handshake_timeout_ms": 1_000}
    monkeypatch.setattr(server, "OPTIONS", tuple(quicker.items()))
    async with opened(tmp_path) as site:
        yield site


@contextlib.asynccontextmanager
async def others(site):
    """An ordinary agent meanwhile: how long each of its frames waited for its acknowledgement."""
    waits, going, begun = [], True, asyncio.Event()

    async def goes_on():
        async with site.enrolled() as channel:
            call = ingest_pb2_grpc.IngestStub(channel).Push()
            await call.write(hello())
            await call.read()
            seq = 0
            while going:
                seq, patience = seq + 1, Patience(P95_S)
                await call.write(frame(seq))
                while (await call.read()).ack.committed.seq < seq:
                    pass
                waits.append(patience.spent_s())
                begun.set()
            call.cancel()

    task = asyncio.ensure_future(goes_on())
    async with asyncio.timeout(60):
        await begun.wait()
    yield waits
    going = False
    await task


def p95(waits):
    return statistics.quantiles(waits, n=20, method="inclusive")[-1]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_host_that_floods_its_connection_costs_little_memory_and_holds_nobody_up(site, attack):
    key, chain = site.identity(HOSTILE)
    process = psutil.Process()

    def attacked():
        with http2.connected(site.address, site.authority.root_pem, key, chain) as line:
            return http2.send_all(line, ATTACKS[attack]())

    async with others(site) as waits:
        before = process.memory_info().rss
        assert await asyncio.to_thread(attacked) > 0
        held = process.memory_info().rss - before

    assert len(waits) > 1
    assert p95(waits) <= P95_S
    assert held <= HELD_BYTES


async def test_connections_that_say_nothing_are_closed_and_hold_nobody_up(site):
    host, _, port = site.address.rpartition(":")
    process, before = psutil.Process(), psutil.Process().memory_info().rss
    with contextlib.ExitStack() as lines:
        half_open = [lines.enter_context(socket.create_connection((host, int(port)))) for _ in range(300)]
        async with others(site) as waits:
            held = process.memory_info().rss - before
            for line in half_open:
                line.settimeout(0)
            async with asyncio.timeout(60):
                ends = [asyncio.get_running_loop().sock_recv(line, 100) for line in half_open]
                for data in await asyncio.gather(*ends, return_exceptions=True):
                    assert data == b"" or isinstance(data, ConnectionError)

    assert p95(waits) <= P95_S
    assert held <= HELD_BYTES


async def test_a_stream_that_comes_byte_by_byte_is_cut_like_one_that_is_silent(site):
    key, chain = site.identity(HOSTILE)
    patient_s, site.service._silent_s = site.service._silent_s, 1.0
    said_hello = hello().SerializeToString()
    message = b"\x00" + len(said_hello).to_bytes(4, "big") + said_hello

    def dripped():
        """Whether the server has had enough before all is said."""
        with http2.connected(site.address, site.authority.root_pem, key, chain) as line:
            line.sendall(http2.frame(http2.HEADERS, http2.PUSH, stream=1, flags=http2.END_HEADERS))
            line.settimeout(0.05)
            for byte in message * 9:
                line.sendall(http2.frame(http2.DATA, bytes([byte]), stream=1))
                with contextlib.suppress(TimeoutError):
                    while data := line.recv(65_536):
                        if b"grpc-status" in data:
                            return True
            return False

    assert await asyncio.to_thread(dripped)
    assert site.service.refused_total
    site.service._silent_s = patient_s
    await said(site.enrolled(), hello(), frame(1), until=acked(1))
