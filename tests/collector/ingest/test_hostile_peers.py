# SPDX-License-Identifier: Apache-2.0
"""What one enrolled host, or none, does to the connection itself; the others' frames are acknowledged all the same."""

import asyncio
import contextlib
import statistics
import sys
import zlib

import psutil
import pytest

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.ingest import server
from giamsat_wire import limits
from support import half_open, http2
from support.ingest_site import acked, frame, hello, opened, said
from support.patience import Patience
from support.uplinks import until

HOSTILE = "22222222-2222-4222-8222-222222222222"
MIB = 1 << 20
HELD_BYTES = 100 * MIB
FLOODED_BYTES = 32 * MIB
P95_S = 2.0
CUT_S = 90.0
OF_ONE = 48 << 10
"""Bytes that a connection takes in the library before anything is known of its other end."""


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


def without_end():
    """A message that is said to be as long as one can be, and comes."""
    yield http2.frame(http2.HEADERS, http2.PUSH, stream=1, flags=http2.END_HEADERS)
    yield http2.frame(http2.DATA, b"\0\xff\xff\xff\xff", stream=1)
    for _ in range(10_000):
        yield http2.frame(http2.DATA, bytes(16_000), stream=1)


def bomb():
    """A message that is small and becomes large (RFC 1952); as it is sent it fits what the other end has room for."""
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(56)) + packer.flush()
    message = b"\1" + len(packed).to_bytes(4, "big") + packed
    headers = http2.PUSH + http2.field(b"grpc-encoding", b"gzip")
    yield http2.frame(http2.HEADERS, headers, stream=1, flags=http2.END_HEADERS)
    for at in range(0, len(message), 16_000):
        yield http2.frame(http2.DATA, message[at : at + 16_000], stream=1)


ATTACKS = {
    "rapid resets": resets,
    "headers of 128 MiB": lambda _: headers_without_end(8_192),
    "pings": lambda times: many(http2.PING, bytes(8), 5 * times),
    "settings": lambda times: many(http2.SETTINGS, b"", 5 * times),
    "a message without end": lambda _: without_end(),
    "a message of 56 MiB, packed": lambda _: bomb(),
}
HELD = {"headers of 128 MiB": HELD_BYTES}
"""The library holds some of the headers that go on, before it ends their connection."""


@pytest.fixture
async def site(tmp_path, monkeypatch, pytestconfig):
    borne = {**dict(server.OPTIONS), "grpc.server_handshake_timeout_ms": pytestconfig.option.handshake_ms}
    monkeypatch.setattr(server, "OPTIONS", tuple(borne.items()))
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


def say(what, waits, held):
    sys.stdout.write(f"{what}: others p95 {p95(waits):.2f} s of {len(waits)}, {held / MIB:+.0f} MiB\n")


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_host_that_floods_its_connection_costs_little_memory_and_holds_nobody_up(site, attack, pytestconfig):
    key, chain = site.identity(HOSTILE)
    process = psutil.Process()

    def attacked():
        with http2.connected(site.address, site.authority.root_pem, key, chain) as line:
            return http2.send_all(line, ATTACKS[attack](pytestconfig.option.floods))

    async with others(site) as waits:
        before = process.memory_info().rss
        assert await asyncio.to_thread(attacked) > 0
        then = len(waits)
        await until(lambda: len(waits) > then + 1)
        held = process.memory_info().rss - before

    say(attack, waits, held)
    assert p95(waits) <= P95_S
    assert held <= HELD.get(attack, FLOODED_BYTES)


async def test_handshakes_that_stop_half_way_are_ended_and_hold_nobody_up(site, pytestconfig):
    count, process = pytestconfig.option.half_open, psutil.Process()
    port = site.address.rpartition(":")[2]
    before = process.memory_info().rss
    async with others(site) as waits:
        words = (sys.executable, half_open.__file__, port, str(count))
        others_end = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        assert await others_end.stdout.readline() == b"open\n"
        held = process.memory_info().rss - before
        closed, after_s = (await others_end.stdout.readline()).split()
        held = max(held, process.memory_info().rss - before)
        await others_end.wait()

    say(f"{count} half open, the last one closed after {float(after_s):.0f} s", waits, held)
    assert int(closed) == count
    assert float(after_s) <= CUT_S
    assert p95(waits) <= P95_S
    assert held <= HELD_BYTES + count * OF_ONE


async def test_an_agent_that_sends_on_and_on_and_hears_nothing_costs_little_memory(site, pytestconfig):
    process = psutil.Process()
    async with site.enrolled(HOSTILE) as channel, others(site) as waits:
        before = process.memory_info().rss
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(hello())
        several = [frame(seq, b"x" * 10_000).frame for seq in range(1, limits.FRAMES_PER_MESSAGE + 1)]
        for _ in range(pytestconfig.option.floods // 50):
            await call.write(ingest_pb2.Up(frames=ingest_pb2.Frames(frames=several)))
        held = process.memory_info().rss - before
        call.cancel()

    say("without an end", waits, held)
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
