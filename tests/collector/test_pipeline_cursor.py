# SPDX-License-Identifier: Apache-2.0
"""How the pipeline goes from frame to frame, and when it writes down how far it has come."""

import pytest

from giamsat_collector.ingest import frames
from giamsat_collector.ingest.notices import EPOCH, WENT_BACK, Notices
from giamsat_collector.ingest.tables import progress
from giamsat_collector.ingest.tail import Tail
from giamsat_collector.judge import Judge
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode, encode_loss
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason
from support.clock import ManualClock
from support.judging import ASSET, SECOND, Works, until

THRESHOLD = 8
"""Failed logins at level 3."""


@pytest.fixture
async def works(tmp_path):
    works = await Works(tmp_path / "giamsat.db", ManualClock()).begin()
    yield works
    await works.store.close()


async def test_the_cursor_stands_where_the_last_frame_does_that_left_something_and_follows_every_few_seconds(
    works, monkeypatch
):
    looked, silence = [], Judge.silence
    monkeypatch.setattr(Judge, "silence", lambda judge, now_ns: looked.append(now_ns) or silence(judge, now_ns))
    async with works.running():
        await until(lambda: looked)  # the next look is due in 5 s, and each guess takes one
        await works.judged(await works.guesses(3))
        nothing_left = await works.rows(progress)
        await works.judged(await works.guesses(THRESHOLD - 4))
        raising = await works.guesses(1)
        await works.judged(raising)
        raised = await works.rows(progress)
        last = await works.guesses(1, address="192.0.2.9")
        await works.judged(last)
        works.clock.advance(6 * SECOND)
        works.tail.news.set()
        await until(lambda: works.pipeline._reached == last)

    # The first look writes where it stands, before any frame.
    assert [(row.reader, row.frame_id) for row in nothing_left] == [("judge", 0)]
    assert [(row.reader, row.frame_id) for row in raised] == [("judge", raising)]
    assert [(row.reader, row.frame_id) for row in await works.rows(progress)] == [("judge", last)]
    assert await works.store.read(lambda c: frames.after(c, last, 1)) == ()


async def test_frames_that_the_tail_lacks_are_read_from_the_database_in_their_order(works):
    """Remarks of the collector come between, and a pipeline that has fallen behind finds the oldest gone."""
    notices = Notices(works.store, works.clock, works.tail.news.set)
    await works.guesses(THRESHOLD - 3)
    await notices.saw(ASSET, WENT_BACK)
    await works.guesses(2)
    works.tail = Tail()  # what comes now is told to nobody
    last = await works.guesses(1)
    async with works.running():
        await works.judged(last)

    assert [alert.count for alert in await works.alerts()] == [THRESHOLD]
    assert works.pipeline.figures.frames == THRESHOLD + 1


async def test_a_spool_that_says_it_went_back_is_remarked_on_for_the_rules(works):
    said = Loss(Lane.EVENT, 5, 3, 3, LossReason.SEQUENCE_REGRESSED)
    async with works.running():
        last = await works.arrive([encode_loss(said)])
        await works.judged(last)
        (remark,) = await works.store.read(lambda c: frames.after(c, last, 9))

    (event,) = decode(remark.flags, remark.payload, ChainDecoder()).events
    assert (remark.agent, remark.epoch, event.kind) == (ASSET, EPOCH, WENT_BACK)
