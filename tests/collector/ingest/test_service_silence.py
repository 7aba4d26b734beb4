# SPDX-License-Identifier: Apache-2.0
"""How long a stream may stay silent, in time that passes for the event loop alone."""

import asyncio

import grpc
import pytest

from giamsat.v1 import ingest_pb2_grpc
from support.ingest_site import acked, frame, hello, opened

SILENT_S = 60.0


@pytest.fixture
async def passes(monkeypatch):
    """Lets so many seconds pass at once, as the event loop sees them."""
    loop, passed_s = asyncio.get_running_loop(), 0.0
    true = loop.time

    def passes(seconds):
        nonlocal passed_s
        passed_s += seconds

    monkeypatch.setattr(loop, "time", lambda: true() + passed_s)
    return passes


@pytest.fixture
async def site(tmp_path):
    async with opened(tmp_path, silent_s=SILENT_S) as site:
        yield site


@pytest.fixture
async def call(site):
    """A stream that was greeted."""
    async with site.enrolled() as channel:
        call = ingest_pb2_grpc.IngestStub(channel).Push()
        await call.write(hello())
        await call.read()
        yield call
        call.cancel()


async def test_a_stream_that_stays_silent_is_closed_and_counted(site, call, passes):
    closed = asyncio.ensure_future(call.read())
    while not closed.done():
        passes(SILENT_S)
        await asyncio.sleep(0)

    assert closed.result() is grpc.aio.EOF
    assert site.service.refused_total == {"silent": 1}


async def test_each_message_keeps_a_stream_open(site, call, passes):
    for seq in range(1, 8):
        passes(SILENT_S / 2)
        await call.write(frame(seq))
        while not acked(seq)(await call.read()):
            pass

    assert site.service.refused_total == {}
