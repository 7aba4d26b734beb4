# SPDX-License-Identifier: Apache-2.0
"""A database that takes ten minutes for one commit: a real agent against the real server, and a disk that waits."""

import asyncio
import gc

import grpc
import psutil
import pytest

from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.intake import WAITING_BYTES
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.session import Accepted, Incoming, LaneOffer, Refused, Session
from giamsat_wire import limits
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from support.files import Disk
from support.ingest_site import AGENT, hello, opened, refused
from support.uplinks import emptied, made, put, running, until
from support.uplinks import opened as spool_on

MIB = 1 << 20
ALLOWED_BYTES = 64 * MIB
"""Memory a collector may take while its store stalls."""
WITHIN_S = 60
LANES = (Lane.EVENT, Lane.METRIC, Lane.BULK)


class Stalling:
    """A store that writes only when it is let."""

    def __init__(self, store):
        self.store = store
        self.let = asyncio.Event()
        self.let.set()

    async def write(self, work):
        await self.let.wait()
        return await self.store.write(work)


@pytest.fixture
async def site(tmp_path):
    async with opened(tmp_path) as site:
        site.stalling = site.service._intake._store = Stalling(site.store)
        yield site


def others_fill(site):
    """Many other agents, each within its own window, until all that may wait waits."""
    intake, payload = site.service._intake, b"x" * (limits.FRAME_BYTES - 1024)
    refused = number = 0
    while not refused:
        number += 1
        session = Session()
        session.hello([LaneOffer(Lane.EVENT, 5, 1, 1)])
        live = Live(f"{number}", session)
        for seq in (1, 2, 3):
            crc = checksum(flags=0, lane=Lane.EVENT, seq=seq, payload=payload)
            frame = Incoming(Lane.EVENT, 5, seq, 0, bytes(bytearray(payload)), crc)
            if intake.full_for(Lane.EVENT):
                return number
            if isinstance(answer := session.offer(frame), Accepted):
                intake.put(live, Arrival(live.agent, frame, 1, 0, None))
            else:
                assert isinstance(answer, Refused)
    return number


async def test_while_the_store_stalls_agents_keep_what_they_have_and_afterwards_all_is_stored_once(site):
    spool = spool_on(Disk())
    client = made(spool, site, identity=site.admitted())
    process, intake = psutil.Process(), site.service._intake
    async with running(client):
        put(spool, Lane.EVENT, b"before")
        client.wake()
        await until(lambda: emptied(spool), WITHIN_S)
        gc.collect()
        before = process.memory_info().rss
        site.stalling.let.clear()
        assert others_fill(site) > 60
        await until(lambda: intake.waiting_since_ns is not None, WITHIN_S)
        sent = {lane: [b"%s %d" % (lane.name.encode(), at) for at in range(50)] for lane in Lane}
        for lane, payloads in sent.items():
            put(spool, lane, *payloads)
        client.wake()
        await until(lambda: site.service.refused_total.get("overload", 0) > 0, WITHIN_S)
        await until(lambda: any(live.agent == AGENT for live, _ in intake._waiting), WITHIN_S)
        await until(lambda: client.refused.get("overload", 0) > 0, WITHIN_S)
        grown = process.memory_info().rss - before

        assert grown <= ALLOWED_BYTES
        assert intake.waiting_since_ns is not None
        assert intake.waiting_bytes <= WAITING_BYTES + MIB
        assert {live.agent for live, one in intake._waiting if one.frame.lane is Lane.URGENT} == {AGENT}
        assert not [one for live, one in intake._waiting if live.agent == AGENT and one.frame.lane in LANES]
        assert all(spool.state(lane).acked == (1 if lane is Lane.EVENT else 0) for lane in Lane)

        site.stalling.let.set()
        await until(lambda: emptied(spool), WITHIN_S)
        stored = await site.store.read(lambda rows: frames.after(rows, 0, 100_000))

    its = [frame for frame in stored if frame.agent == AGENT]
    sent[Lane.EVENT].insert(0, b"before")
    assert {lane: [frame.payload for frame in its if frame.lane is lane] for lane in Lane} == sent
    assert (intake.waiting_bytes, intake.waiting_since_ns) == (0, None)
    assert client.link.connected


async def test_an_agent_whose_marks_cannot_be_read_is_told_to_come_again(site):
    class Unreadable:
        async def read(self, _work):
            raise StoreError("I/O error")

    kept, site.service._store = site.service._store, Unreadable()
    code = await refused(site.enrolled(), hello())
    site.service._store = kept

    assert (code, site.service.refused_total["store"]) == (grpc.StatusCode.UNAVAILABLE, 1)
