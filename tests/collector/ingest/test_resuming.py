# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames, resuming
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.session import LaneOffer, Mark, Session
from giamsat_collector.ingest.tables import losses
from giamsat_collector.schema import metadata
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_wire.lane import Lane


class Refuses:
    async def write(self, work):
        raise StoreError("disk full")


async def test_what_is_missing_is_named_until_it_is_written_down_and_then_never_again(tmp_path):
    store = SqliteStore(tmp_path / "db")
    await store.write(metadata.create_all)
    live, offer = Live("A1", Session()), LaneOffer(Lane.EVENT, 5, 4, 9)

    with pytest.raises(StoreError):
        await resuming.settle(Refuses(), live, live.session.hello([offer]), 1)
    for _ in range(2):
        await resuming.settle(store, live, live.session.hello([offer]), 1)

    rows = await store.read(lambda c: c.execute(losses.select()).all())
    assert [(row.first, row.last, row.reason) for row in rows] == [(1, 3, "not_held_by_agent")]
    assert await store.read(lambda c: frames.marks_of(c, "A1")) == (Mark(Lane.EVENT, 5, 3),)
    await store.close()
