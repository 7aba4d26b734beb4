# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import io
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from sqlalchemy import select

from giamsat_collector.errors import RefusedError, StoreError
from giamsat_collector.ingest import frames, notices
from giamsat_collector.ingest.carrying import Carrying, Taken
from giamsat_collector.ingest.frames import CARRIED
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.session import Incoming, Mark, Session
from giamsat_collector.ingest.tables import losses, quarantine
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_wire import receipt
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.codec import encode_readings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Sample, SampleSet
from support.clock import ManualClock
from support.enrolled import enrolled
from support.parcels import AGENT, EPOCH, bound_sha256, carried, key, run, sealed, taken_apart
from support.tables import create_tables

CARRIER, BOUND = key(), key()


@dataclass
class Desk:
    """A collector's end of carrying, on a real database; `live` forgets nothing, as while it runs."""

    store: SqliteStore
    carrying: Carrying
    agents: dict
    remarks: list = field(default_factory=list)
    known: dict = field(default_factory=dict)

    async def live(self, agent):
        if agent not in self.known:
            marks = await self.store.read(lambda c: frames.marks_of(c, agent))
            self.known[agent] = Live(agent, Session.restored(marks))
        return self.known[agent]

    async def saw(self, agent, kind):
        self.remarks.append((agent, kind))

    async def take(self, data, *, dry_run=False, without_earlier=False):
        """What became of each lane of a file, as the command line sums it up."""
        head, pieces = taken_apart(data)
        self.carrying.sender(head.encoded, head.signature)
        words = {"dry_run": dry_run, "without_earlier": without_earlier}
        return [
            taken
            for number, (piece, last) in enumerate(pieces)
            if (taken := await self.carrying.take(head, number, piece, last=last, **words)) != Taken()
        ]

    async def seqs(self, lane=Lane.EVENT):
        kept = await self.store.read(lambda c: frames.after(c, 0, 10_000))
        return [frame.seq for frame in kept if frame.lane is lane]

    async def rows(self, table):
        return await self.store.read(lambda c: c.execute(select(table)).all())


@pytest.fixture
async def desk(tmp_path):
    store = SqliteStore(tmp_path / "db")
    await store.write(create_tables)
    intake, clock = Intake(store), ManualClock()
    agents = {AGENT: enrolled(AGENT, bound=bound_sha256(BOUND))}
    opened = Desk(store, None, agents)
    opened.carrying = Carrying(
        store=store,
        intake=intake,
        clock=clock,
        carrier=CARRIER,
        find=agents.get,
        live=opened.live,
        offset_ns=lambda agent: 0,
        saw=opened.saw,
    )
    running = asyncio.ensure_future(intake.run())
    yield opened
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await store.close()


def parcel(*runs, bound=BOUND, carrier=CARRIER, **words):
    return sealed(runs, bound=bound, carrier=carrier, **words)


async def test_what_is_carried_is_stored_as_what_was_carried(desk):
    assert await desk.take(parcel(run(1, 2, 3))) == [Taken(Lane.EVENT, new=3)]

    kept = await desk.store.read(lambda c: frames.after(c, 0, 10))
    assert [(one.seq, one.payload, one.flags) for one in kept] == [(n, b"p%d" % n, 1 | CARRIED) for n in (1, 2, 3)]
    assert await desk.store.read(lambda c: frames.marks_of(c, AGENT)) == (Mark(Lane.EVENT, EPOCH, 3),)


@pytest.mark.parametrize("seed", range(8))
async def test_files_in_any_order_and_any_number_are_stored_exactly_once(desk, seed):
    """Each file holds what its agent had not been told of: from the first frame to another last one."""
    rng = Random(seed)
    files = [parcel(run(*range(1, last + 1)), run(*range(1, last // 2 + 2), lane=Lane.URGENT)) for last in (4, 9, 15)]
    for file in rng.choices(files, k=4) + files:
        await desk.take(file)

    assert await desk.seqs() == list(range(1, 16))
    assert await desk.seqs(Lane.URGENT) == list(range(1, 9))


async def test_a_dry_run_says_the_same_and_stores_nothing(desk):
    await desk.take(parcel(run(1, 2)))

    said = await desk.take(parcel(run(1, 2, 3)), dry_run=True)

    assert said == [Taken(Lane.EVENT, new=1, held=2)] == await desk.take(parcel(run(1, 2, 3)))


async def test_it_goes_on_where_a_stream_of_the_same_agent_has_come_meanwhile(desk):
    live = await desk.live(AGENT)
    await desk.take(parcel(run(1, 2)))
    one = carried(3)
    incoming = Incoming(Lane.EVENT, EPOCH, 3, one.flags, one.payload, one.crc)
    live.session.offer(incoming)
    desk.carrying.intake.put(live, frames.Arrival(AGENT, incoming, 1, 0))

    assert await desk.take(parcel(run(2, carried(3), 4, acked=1))) == [Taken(Lane.EVENT, new=1, held=2)]
    assert await desk.seqs() == [1, 2, 3, 4]


async def test_more_than_may_wait_for_one_commit_is_taken_in_all_the_same(desk):
    big = [carried(seq, bytes(40_000), lane=Lane.URGENT) for seq in range(1, 8)]

    assert await desk.take(parcel(run(*big, lane=Lane.URGENT))) == [Taken(Lane.URGENT, new=7)]


async def test_what_the_agent_gave_up_is_declared_lost_once(desk):
    file = parcel(run(1, 2), run(5, 6, next_=7))

    first, second = await desk.take(file)
    await desk.take(file)

    assert (first.missing, second.missing) == (0, 2)
    assert [(gap.first, gap.last) for gap in await desk.rows(losses)] == [(3, 4)]


async def test_a_file_before_it_that_was_not_imported_is_asked_for(desk):
    later = parcel(run(4, 5, acked=3))

    with pytest.raises(RefusedError, match=r"begins at 4.*import the earlier file first.*--without-earlier"):
        await desk.take(later)
    assert await desk.seqs() == []

    await desk.take(parcel(run(1, 2, 3)))
    assert await desk.take(later) == [Taken(Lane.EVENT, new=2)]
    assert await desk.rows(losses) == []


async def test_an_earlier_file_that_is_gone_is_declared_lost_when_a_person_says_so(desk):
    (taken,) = await desk.take(parcel(run(4, 5, acked=3)), without_earlier=True)

    assert (taken.new, taken.missing) == (2, 3)
    assert [(gap.first, gap.last) for gap in await desk.rows(losses)] == [(1, 3)]


async def test_an_epoch_that_is_over_is_not_taken_and_said(desk):
    await desk.take(parcel(run(1, epoch=EPOCH + 1)))

    assert await desk.take(parcel(run(1, 2))) == [Taken(Lane.EVENT, over=2)]
    assert await desk.seqs() == [1]


async def test_a_number_that_is_held_with_another_content_shows_a_copied_host(desk):
    await desk.take(parcel(run(1, 2)))

    for dry_run in (True, False):
        with pytest.raises(RefusedError, match="two hosts have the identity"):
            await desk.take(parcel(run(1, carried(2, b"other"), 3)), dry_run=dry_run)

    assert await desk.seqs() == [1, 2]
    assert set(desk.remarks) == {(AGENT, notices.TWO_INSTANCES)}


async def test_metrics_that_were_thinned_out_after_they_were_carried_show_no_copied_host(desk):
    reading, other = (SampleSet(at, at, (Sample("node_load1", 1.0),)) for at in (1, 2))
    old, new = (encode_readings(ChainEncoder(kind), [reading], begin=True) for kind in (0, 2))
    foreign = encode_readings(ChainEncoder(), [other], begin=True)

    def metrics(*payloads):
        its = [carried(seq, payload, lane=Lane.METRIC, flags=8) for seq, payload in enumerate(payloads, 1)]
        return parcel(run(*its, lane=Lane.METRIC))

    await desk.take(metrics(b"", new.payload))
    (again,) = await desk.take(metrics(foreign.payload, old.payload))
    with pytest.raises(RefusedError, match="two hosts"):
        await desk.take(metrics(b"", foreign.payload))

    assert (again.new, again.held) == (0, 2)


async def test_a_frame_whose_checksum_is_wrong_is_set_aside_and_the_rest_goes_on(desk):
    await desk.take(parcel(run(1, carried(2, crc=7), 3)))

    assert await desk.seqs() == [1, 3]
    assert [(row.seq, row.reason) for row in await desk.rows(quarantine)] == [(2, "checksum")]


async def test_a_clock_that_is_ahead_cannot_place_anything_after_now(desk):
    now = desk.carrying.clock.wall_ns()

    await desk.take(parcel(run(1), sealed_ns=now + 10**12))
    await desk.take(parcel(run(1, 2), sealed_ns=now - 10**12))

    kept = await desk.store.read(lambda c: frames.after(c, 0, 10))
    assert [one.offset_ns for one in kept] == [-(10**12), 0]


async def test_a_store_that_cannot_write_is_said_and_the_file_comes_again(desk, monkeypatch):
    async def refuses(work):
        raise StoreError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(desk.store, "write", refuses)
        with pytest.raises(RefusedError, match="cannot write now"):
            await desk.take(parcel(run(1, 2)))

    assert await desk.take(parcel(run(1, 2))) == [Taken(Lane.EVENT, new=2)]
    assert await desk.seqs() == [1, 2]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (parcel(run(1), bound=key()), "foreign_bound_key"),
        (parcel(run(1), agent="22222222-2222-4222-8222-222222222222"), "unknown_agent"),
        (parcel(run(1), carrier=key()), "foreign_key"),
    ],
    ids=["another host's key", "another agent", "another collector"],
)
async def test_a_file_that_is_not_ours_is_refused_with_the_reason(desk, file, reason):
    with pytest.raises(RefusedError):
        await desk.take(file)

    assert desk.carrying.refused_total == {reason: 1}


async def test_a_revoked_agent_brings_nothing_in(desk):
    desk.agents[AGENT] = replace(desk.agents[AGENT], revoked_ns=7, revoked_why="stolen machine")

    with pytest.raises(RefusedError, match="revoked: stolen machine"):
        await desk.take(parcel(run(1)))


async def test_a_piece_that_was_changed_is_refused(desk):
    head, [(piece, last), _] = taken_apart(parcel(run(1)))

    with pytest.raises(RefusedError, match="was changed"):
        await desk.carrying.take(head, 0, piece[:-1] + b"x", last=last, dry_run=False, without_earlier=False)

    assert desk.carrying.refused_total == {"damaged": 1}


async def test_the_receipt_says_what_is_held_of_every_lane(desk):
    await desk.take(parcel(run(1, 2), run(1, lane=Lane.URGENT)))

    file = io.BytesIO(await desk.carrying.receipt(desk.agents[AGENT]))

    held = receipt.read(file, AGENT, CARRIER.public_key())
    assert [(one.lane, one.epoch, one.seq) for one in held] == [(Lane.URGENT, EPOCH, 1), (Lane.EVENT, EPOCH, 2)]
