# SPDX-License-Identifier: Apache-2.0
"""Push over a real gRPC connection on loopback, without TLS: who is there is the peer's business (test_peer)."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import grpc
import pytest

from giamsat.v1 import ingest_pb2, ingest_pb2_grpc
from giamsat_collector.enrol.admission import NotAdmittedError
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.ingest.session import Mark
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_wire.clock import SystemClock
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from support.tables import create_tables

AGENT = "11111111-1111-4111-8111-111111111111"


@dataclass
class Seen:
    greeted_: list = field(default_factory=list)
    left_: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    offsets: list = field(default_factory=list)

    def greeted(self, greeting):
        self.greeted_.append(greeting)

    def heard(self, agent, at_ns):
        pass

    def clocked(self, agent, offset_ns):
        self.offsets.append(offset_ns)

    async def saw(self, agent, kind):
        self.remarks.append((agent, kind))

    def left(self, agent, reason):
        self.left_.append((agent, reason))


@dataclass
class Bench:
    service: IngestService
    store: SqliteStore
    seen: Seen
    stub: ingest_pb2_grpc.IngestStub

    async def stored(self):
        return [frame.seq for frame in await self.store.read(lambda c: frames.after(c, 0, 1000))]


async def authenticate(context):
    agent = dict(context.invocation_metadata()).get("agent")
    if agent is None:
        raise NotAdmittedError("unknown_agent")
    return agent


@pytest.fixture
async def bench(tmp_path):
    store, seen = SqliteStore(tmp_path / "db"), Seen()
    await store.write(create_tables)
    intake = Intake(store)
    service = IngestService(
        store=store,
        intake=intake,
        fleet=seen,
        clock=SystemClock(),
        authenticate=authenticate,
        saw=seen.saw,
    )
    server = grpc.aio.server()
    ingest_pb2_grpc.add_IngestServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    running = asyncio.ensure_future(intake.run())
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Bench(service, store, seen, ingest_pb2_grpc.IngestStub(channel))
    running.cancel()
    await server.stop(None)
    await store.close()


def hello(first=1, next_=1, epoch=5):
    lane = ingest_pb2.LaneState(lane=ingest_pb2.LANE_EVENT, epoch=epoch, first=first, next=next_)
    return ingest_pb2.Up(hello=ingest_pb2.Hello(protocol=1, hostname="máy-1", lanes=[lane], frame_period_ms=15000))


def frame(seq, payload=b"p", epoch=5):
    return ingest_pb2.Up(
        frame=ingest_pb2.Frame(
            lane=ingest_pb2.LANE_EVENT,
            epoch=epoch,
            seq=seq,
            payload=payload,
            crc=checksum(flags=0, lane=Lane.EVENT, seq=seq, payload=payload),
        )
    )


@contextlib.asynccontextmanager
async def stream(bench, **words):
    call = bench.stub.Push(metadata=(("agent", AGENT),))
    await call.write(hello(**words))
    answer = await call.read()
    yield call, answer
    call.cancel()


async def acked(call, seq):
    async with asyncio.timeout(60):
        while True:
            down = await call.read()
            if down.ack.committed.seq >= seq:
                return


async def test_what_is_acknowledged_is_in_the_database(bench):
    async with stream(bench) as (call, _):
        for seq in (1, 2, 3):
            await call.write(frame(seq))
        await acked(call, 3)

        assert await bench.stored() == [1, 2, 3]
        assert await bench.store.read(lambda c: frames.marks_of(c, AGENT)) == (Mark(Lane.EVENT, 5, 3),)


async def test_a_second_stream_goes_on_where_the_first_was_durable(bench):
    async with stream(bench) as (call, _):
        await call.write(frame(1))
        await acked(call, 1)

    async with stream(bench, next_=3) as (call, answer):
        assert answer.hello_ack.committed[0].seq == 1
        await call.write(frame(1))
        await call.write(frame(2))
        await acked(call, 2)

    assert await bench.stored() == [1, 2]


async def test_a_hole_is_answered_with_the_number_expected(bench):
    async with stream(bench) as (call, _):
        await call.write(frame(4))
        async with asyncio.timeout(60):
            down = await call.read()

        assert (down.nack.code, down.nack.seq) == (ingest_pb2.Nack.OUT_OF_ORDER, 1)


async def test_a_cut_agent_loses_its_stream_at_once_and_hears_why(bench):
    async with stream(bench) as (call, _):
        bench.service.cut(AGENT, "revoked: stolen machine")

        async with asyncio.timeout(60):
            assert await call.code() is grpc.StatusCode.PERMISSION_DENIED
            while bench.service.streams:  # noqa: ASYNC110 - struck off a moment after the answer left
                await asyncio.sleep(0)
        assert "stolen machine" in await call.details()


async def test_a_stranger_is_refused_and_counted(bench):
    call = bench.stub.Push()

    assert await call.code() is grpc.StatusCode.PERMISSION_DENIED
    assert "enrolled anew" in await call.details()
    assert bench.service.refused_total == {"unknown_agent": 1}


async def test_a_stream_without_a_hello_is_refused(bench):
    call = bench.stub.Push(metadata=(("agent", AGENT),))
    await call.write(frame(1))

    assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_frame_of_another_lane_than_the_hello_named_is_not_stored(bench):
    async with stream(bench) as (call, _):
        foreign = frame(1)
        foreign.frame.lane = ingest_pb2.LANE_URGENT
        await call.write(foreign)
        await call.write(frame(1))
        await acked(call, 1)

    assert bench.service.refused_total["foreign_lane"] == 1
    assert await bench.stored() == [1]


def beat(produced, acked):
    counters = ingest_pb2.LaneCounters(lane=ingest_pb2.LANE_EVENT, produced=produced, acked=acked)
    return ingest_pb2.Up(heartbeat=ingest_pb2.Heartbeat(lanes=[counters]))


async def test_books_that_do_not_balance_are_remarked_once_and_shown(bench):
    async with stream(bench) as (call, _):
        await call.write(frame(1))
        await acked(call, 1)
        await call.write(beat(produced=1, acked=1))
        await call.write(beat(produced=9, acked=4))
        await call.write(beat(produced=9, acked=4))
        await call.write(frame(2))
        await acked(call, 2)

        assert bench.service.violations == {(AGENT, "event"): 3}
    assert bench.seen.remarks == [(AGENT, "agent-books-unbalanced")]


async def test_each_heartbeat_says_anew_how_far_the_clock_of_its_host_is_off(bench):
    async with stream(bench) as (call, _):
        for off_s in (0, 9):
            told = beat(produced=0, acked=0)
            told.heartbeat.wall_ns = SystemClock().wall_ns() - off_s * 10**9
            await call.write(told)
        await call.write(frame(1))
        await acked(call, 1)

    assert [offset // 10**9 for offset in bench.seen.offsets] == [0, 9]


async def test_while_the_rules_lag_behind_who_sends_more_than_its_share_is_told_to_wait(bench):
    bench.service._shares.lag_ns = lambda: 60 * 10**9
    async with stream(bench) as (call, _), asyncio.timeout(60):
        for seq in range(1, 6):
            await call.write(frame(seq, payload=bytes(250_000)))
            if seq < 5:
                await acked(call, seq)
        while not (down := await call.read()).HasField("nack"):
            pass

    assert (down.nack.code, bench.service.refused_total["over_share"] > 0) == (ingest_pb2.Nack.OVERLOAD, True)


async def test_a_goodbye_is_heard_with_its_reason(bench):
    async with stream(bench) as (call, _):
        await call.write(ingest_pb2.Up(bye=ingest_pb2.Bye(reason="stopped by an operator")))
        await call.done_writing()
        await call.code()

    assert bench.seen.left_ == [(AGENT, "stopped by an operator")]
    assert bench.seen.greeted_[0].hostname == "máy-1"


class Failing:
    """A store whose next writes fail as a full disk does."""

    def __init__(self, store, times):
        self.store, self.times = store, times

    async def write(self, work):
        if self.times:
            self.times -= 1
            raise StoreError("disk full")
        return await self.store.write(work)


async def test_after_a_failed_commit_nothing_is_acknowledged_and_everything_comes_again(bench):
    failing = Failing(bench.store, 1)
    bench.service._intake._store = failing
    async with stream(bench) as (call, _):
        await call.write(frame(1))
        async with asyncio.timeout(60):
            down = await call.read()
        assert (down.nack.code, down.nack.seq) == (ingest_pb2.Nack.OUT_OF_ORDER, 1)

        await call.write(frame(1))
        await acked(call, 1)

    assert await bench.stored() == [1]
