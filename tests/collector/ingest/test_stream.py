# SPDX-License-Identifier: Apache-2.0
import asyncio

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
