# SPDX-License-Identifier: Apache-2.0
"""What one enrolled host says of its lanes, and how many streams it opens: no more of it than an agent has is taken."""

import contextlib

import pytest
from sqlalchemy import select

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.ingest.conservation import Books
from giamsat_collector.ingest.service import STREAMS
from giamsat_collector.ingest.tables import losses
from support.ingest_site import acked, frame, hello, opened, said
from support.uplinks import until

MANY = 20_000


@pytest.fixture
async def site(tmp_path):
    async with opened(tmp_path) as site:
        yield site


async def test_a_lane_that_is_named_again_and_again_is_declared_lost_once_at_most(site):
    greeting = hello()
    for first in range(2, MANY):
        greeting.hello.lanes.add(lane=ingest_pb2.LANE_EVENT, epoch=5, first=first, next=first)

    await said(site.enrolled(), greeting, until=lambda down: down.HasField("hello_ack"))

    declared = await site.store.read(lambda rows: rows.execute(select(losses)).all())
    assert len(declared) <= 1


async def test_a_heartbeat_counts_for_no_more_lanes_than_there_are(site, monkeypatch):
    checked, check = [], Books.check

    def seen(books, claims, marks):
        checked.append(len(claims))
        return check(books, claims, marks)

    monkeypatch.setattr(Books, "check", seen)
    beat = ingest_pb2.Up(heartbeat=ingest_pb2.Heartbeat())
    for _ in range(MANY):
        beat.heartbeat.lanes.add(lane=ingest_pb2.LANE_EVENT, produced=1)

    await said(site.enrolled(), hello(), beat, frame(1), until=acked(1))

    assert max(checked) <= 4


async def test_of_ever_more_streams_of_one_agent_the_newest_few_stay(site):
    async with contextlib.AsyncExitStack() as channels:
        calls = []
        for _ in range(STREAMS):
            channel = await channels.enter_async_context(site.enrolled())
            for _ in range(2):
                call = ingest_pb2_grpc.IngestStub(channel).Push()
                await call.write(hello())
                await call.read()
                calls.append(call)
        await until(lambda: site.service.streams <= STREAMS)
        await calls[-1].write(frame(1))
        while (await calls[-1].read()).ack.committed.seq < 1:
            pass

        await until(lambda: all(call.done() for call in calls[:-STREAMS]))
        assert not any(call.done() for call in calls[-STREAMS:])
        for call in calls:
            call.cancel()
