# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import delete

from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.notices import EPOCH, FORGED, SUPERSEDED, TWO_INSTANCES, WENT_BACK, Notices
from giamsat_collector.ingest.tables import frames as table
from giamsat_wire import catalogue
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode
from giamsat_wire.lane import Lane
from support.clock import ManualClock
from support.memory_store import MemoryStore


@pytest.fixture
async def notices():
    store = MemoryStore()
    notices = Notices(store, ManualClock(), lambda: notices.woken.append(1))
    notices.store, notices.woken = store, []
    yield notices
    await store.close()


async def test_a_remark_waits_to_be_judged_among_the_agents_frames(notices):
    await notices.saw("A1", SUPERSEDED)

    (frame,) = await notices.store.read(lambda c: frames.after(c, 0, 9))
    (event,) = decode(frame.flags, frame.payload, ChainDecoder()).events
    assert (frame.agent, frame.epoch, frame.lane) == ("A1", EPOCH, Lane.URGENT)
    assert (event.kind, event.fields["event.provider"]) == (SUPERSEDED, "collector")
    assert notices.woken


async def test_many_remarks_at_one_time_keep_their_order_though_judged_ones_are_let_go_of(notices):
    for _ in range(3):
        await notices.saw("A1", SUPERSEDED)
    before = [frame.seq for frame in await notices.store.read(lambda c: frames.after(c, 0, 9))]
    await notices.store.write(lambda c: c.execute(delete(table)))
    await notices.saw("A1", SUPERSEDED)

    (after,) = await notices.store.read(lambda c: frames.after(c, 0, 9))
    assert before == sorted(set(before))
    assert after.seq > 0


async def test_a_database_that_cannot_be_written_stops_nobody(notices):
    async def full(work):
        raise StoreError("disk full")

    notices.store.write = full

    assert await notices.saw("A1", SUPERSEDED) is None


@pytest.mark.parametrize("kind", [FORGED, SUPERSEDED, TWO_INSTANCES, WENT_BACK])
def test_every_kind_is_in_the_catalogue_and_urgent(kind):
    assert catalogue.lane_of(kind) is Lane.URGENT
    assert catalogue.events()[kind].means
