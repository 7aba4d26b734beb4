# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib

import pytest

from giamsat.v1 import ingest_pb2
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.frames import Arrival
from giamsat_collector.ingest.intake import FRAMES_PER_COMMIT, WAITING_BYTES, Intake
from giamsat_collector.ingest.outbox import Live, Outbox
from giamsat_collector.ingest.session import Accepted, Incoming, LaneOffer, Mark, Session
from giamsat_wire.frame import checksum
from giamsat_wire.lane import Lane
from support.memory_store import MemoryStore


class Disk(MemoryStore):
    """Commits when it is let, fails when it is told to."""

    def __init__(self):
        super().__init__()
        self.let = asyncio.Event()
        self.let.set()
        self.full = False
        self.commits = 0

    async def write(self, work):
        await self.let.wait()
        if self.full:
            raise StoreError("disk full")
        self.commits += 1
        return await super().write(work)


@pytest.fixture
async def disk():
    disk = Disk()
    yield disk
    await disk.close()


@contextlib.asynccontextmanager
async def running(intake):
    task = asyncio.ensure_future(intake.run())
    yield
    task.cancel()


def live(agent="A1"):
    session = Session()
    session.hello([LaneOffer(Lane.EVENT, 5, 1, 1)])
    return Live(agent, session, outboxes=[Outbox(frozenset({Lane.EVENT}))])


def put(intake, live, seq, payload=b"p", poison=None):
    frame = Incoming(Lane.EVENT, 5, seq, 0, payload, checksum(flags=0, lane=2, seq=seq, payload=payload))
    assert isinstance(live.session.offer(frame), Accepted)
    intake.put(live, Arrival(live.agent, frame, 0, 0, poison))


def told(live):
    return list(live.outboxes[0].take(live.session))


async def settled():
    for _ in range(10):
        await asyncio.sleep(0)


async def stored(disk):
    return [(frame.agent, frame.seq) for frame in await disk.read(lambda c: frames.after(c, 0, 10_000))]


async def test_nothing_is_acknowledged_before_it_is_durable(disk):
    intake, an = Intake(disk), live()
    disk.let.clear()
    async with running(intake):
        put(intake, an, 1)
        await settled()
        assert (told(an), await stored(disk), intake.tail.news.is_set()) == ([], [], False)

        disk.let.set()
        await settled()

    assert [down.ack.committed.seq for down in told(an)] == [1]
    assert await stored(disk) == [("A1", 1)]
    assert intake.tail.news.is_set()


async def test_what_gathers_during_a_commit_shares_the_next_one(disk):
    intake, an, binh = Intake(disk, gather_s=0), live(), live("A2")
    disk.let.clear()
    async with running(intake):
        put(intake, an, 1)
        await settled()
        for seq in range(2, 50):
            put(intake, an, seq)
        put(intake, binh, 1)
        disk.let.set()
        await settled()

    assert (disk.commits, intake.frames_total) == (2, 50)
    assert told(binh)[0].ack.committed.seq == 1


async def test_a_commit_is_bounded_and_the_rest_follows(disk):
    intake, an = Intake(disk), live()
    for seq in range(1, FRAMES_PER_COMMIT + 2):
        put(intake, an, seq)

    async with running(intake):
        await settled()

    assert (disk.commits, len(await stored(disk))) == (2, FRAMES_PER_COMMIT + 1)


async def test_the_first_frame_is_committed_at_once_and_those_after_it_together(disk):
    intake, an = Intake(disk), live()

    async with running(intake):
        put(intake, an, 1)
        await settled()
        alone = disk.commits
        put(intake, an, 2)
        await settled()
        put(intake, an, 3)
        while intake.frames_total < 3:
            await intake.tail.news.wait()
            await asyncio.sleep(0)

    assert (alone, disk.commits) == (1, 2)


async def test_after_a_full_disk_everything_behind_the_failure_is_asked_for_again(disk):
    intake, an = Intake(disk), live()
    disk.full = True
    async with running(intake):
        put(intake, an, 1)
        put(intake, an, 2)
        await settled()
        (nack,) = told(an)
        disk.full = False

    assert (nack.nack.seq, await stored(disk), intake.frames_total) == (1, [], 0)
    put(intake, an, 1)


async def test_waiting_bytes_have_a_bound_and_are_given_back(disk):
    intake, an = Intake(disk), live()
    payload = b"x" * (WAITING_BYTES + 1)
    intake.put(an, Arrival("A1", Incoming(Lane.EVENT, 5, 1, 0, payload, 0), 0, 0, None))
    assert [lane for lane in Lane if intake.full_for(lane)] == [Lane.EVENT, Lane.METRIC, Lane.BULK]

    async with running(intake):
        await settled()

    assert not any(map(intake.full_for, Lane))


@pytest.mark.parametrize(
    ("part", "waits"), [(0.4, []), (0.6, [Lane.BULK]), (0.8, [Lane.METRIC, Lane.BULK]), (0.9, list(Lane)[1:])]
)
def test_the_less_urgent_a_lane_is_the_sooner_it_waits(disk, part, waits):
    intake, payload = Intake(disk), b"x" * int(WAITING_BYTES * part)
    intake.put(live(), Arrival("A1", Incoming(Lane.EVENT, 5, 1, 0, payload, 0), 0, 0, None))

    assert [lane for lane in Lane if intake.full_for(lane)] == waits


async def test_a_poisoned_frame_is_counted_by_its_reason_told_and_moves_the_mark(disk):
    intake, an = Intake(disk), live()
    put(intake, an, 1, poison="checksum")
    put(intake, an, 2)

    async with running(intake):
        await settled()

    ack, nack = told(an)
    assert (ack.ack.committed.seq, nack.nack.seq, nack.nack.code) == (2, 1, ingest_pb2.Nack.QUARANTINED)
    assert (intake.quarantined_total, await stored(disk)) == ({"checksum": 1}, [("A1", 2)])
    assert await disk.read(lambda c: frames.marks_of(c, "A1")) == (Mark(Lane.EVENT, 5, 2),)
