# SPDX-License-Identifier: Apache-2.0
import asyncio
import gc

from giamsat.v1 import ingest_pb2
from giamsat_collector.ingest import stream


class Silent:
    """A call on which nothing ever arrives."""

    async def read(self):
        await asyncio.Event().wait()


class Closed:
    """A call whose other end is done."""

    async def read(self):
        return None


class Said:
    """A call with one message."""

    async def read(self):
        return ingest_pb2.Up(bye=ingest_pb2.Bye(reason="x"))


class Broken:
    """A call whose other end does not read, and is gone when nobody waits for it any longer."""

    async def write(self, message):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            raise ConnectionError from error


async def test_a_message_that_was_not_taken_before_its_stream_was_cut_is_no_fault_nobody_looked_at(monkeypatch):
    complaints: list[object] = []
    monkeypatch.setattr(stream, "UNDER_WAY_S", 0.01)
    asyncio.get_running_loop().set_exception_handler(lambda _, said: complaints.append(said))
    telling = asyncio.ensure_future(stream.tell(Broken(), ingest_pb2.Down()))
    await asyncio.sleep(0)
    telling.cancel()
    await asyncio.wait({telling})
    for _ in range(3):
        await asyncio.sleep(0)
    assert telling.cancelled()
    del telling  # it holds on to what it waited for
    gc.collect()

    assert complaints == []


async def test_who_says_nothing_is_not_waited_for():
    assert await stream.first(Silent(), 0.01) is None


async def test_the_end_of_a_stream_is_told_from_a_message():
    assert await stream.following(Closed()) is None
    assert (await stream.following(Said())).bye.reason == "x"


async def test_a_timer_moves_on_only_once_a_part_of_the_time_has_passed():
    async with asyncio.timeout(100) as limit:
        before = limit.when()
        stream.extend(limit, 100.0)
        at_once = limit.when()
        limit.reschedule(before - 50)
        stream.extend(limit, 100.0)
        later = limit.when()
        await asyncio.sleep(0)

    assert at_once == before
    assert later >= before
