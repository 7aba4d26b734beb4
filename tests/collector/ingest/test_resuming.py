# SPDX-License-Identifier: Apache-2.0
"""Where an agent goes on, and what it no longer has: what is missing is declared lost once, across restarts."""

import pytest

from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames, resuming
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.session import Incoming, LaneOffer, Mark, Missing, Session
from giamsat_collector.ingest.tables import losses
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_wire.lane import Lane
from support.tables import create_tables


class Refuses:
    async def write(self, work):
        raise StoreError("disk full")


async def test_what_is_missing_is_named_until_it_is_written_down_and_then_never_again(tmp_path):
    store = SqliteStore(tmp_path / "db")
    await store.write(create_tables)
    live, offer = Live("A1", Session()), LaneOffer(Lane.EVENT, 5, 4, 9)

    with pytest.raises(StoreError):
        await resuming.settle(Refuses(), live, live.session.hello([offer]), [Lane.EVENT], 1)
    assert live.session.stands(Lane.EVENT) == Mark(Lane.EVENT, 5, 0)
    for _ in range(2):
        marks = await resuming.settle(store, live, live.session.hello([offer]), [Lane.EVENT], 1)
    assert marks == (Mark(Lane.EVENT, 5, 3),)

    rows = await store.read(lambda c: c.execute(losses.select()).all())
    assert [(row.first, row.last, row.reason) for row in rows] == [(1, 3, "not_held_by_agent")]
    assert await store.read(lambda c: frames.marks_of(c, "A1")) == (Mark(Lane.EVENT, 5, 3),)
    await store.close()


async def test_a_gap_that_lies_ahead_of_the_mark_is_not_declared_again_after_a_restart(tmp_path):
    """Frames 1 and 2 were under way to the disk when the collector ended; 3 to 5 had been declared lost by then."""
    store = SqliteStore(tmp_path / "db")
    await store.write(create_tables)
    live = Live("A1", Session())
    live.session.hello([LaneOffer(Lane.EVENT, 5, 1, 9)])
    for seq in (1, 2):
        live.session.offer(Incoming(Lane.EVENT, 5, seq, 0, b"x", 0))
    offer = [LaneOffer(Lane.EVENT, 5, 6, 9)]
    await resuming.settle(store, live, live.session.hello(offer), [Lane.EVENT], 1)

    again = await store.read(lambda c: resuming.restored(c, "A1"))

    assert again.hello(offer).missing == (Missing(Lane.EVENT, 5, 1, 2),)
    await store.close()
