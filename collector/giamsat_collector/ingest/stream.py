# SPDX-License-Identifier: Apache-2.0
"""The two directions of one stream, and how long it may stay silent."""

import asyncio
from typing import Final, TypeAlias

import grpc

from giamsat.v1 import ingest_pb2
from giamsat_collector.ingest.outbox import Live, Outbox

SILENT_S: Final = 90.0
"""A stream on which nothing arrives for this long is cut; heartbeats come four times as often."""
SPARE: Final = 0.05
"""The part of that time by which a stream may be cut earlier."""
UNDER_WAY_S: Final = 1.0
"""How long a message that is being written may put off the end of its stream."""

Context: TypeAlias = "grpc.aio.ServicerContext[ingest_pb2.Up, ingest_pb2.Down]"


async def write(live: Live, outbox: Outbox, context: Context) -> None:
    """Tell the agent what there is to tell, for ever."""
    while True:
        await outbox.ready.wait()
        for message in outbox.take(live.session):
            await tell(context, message)


async def tell(context: Context, message: ingest_pb2.Down) -> None:
    """Write one message. Whoever cuts the stream meanwhile waits for it a little.

    A status that overtakes a message under way is refused by gRPC, and the agent would never hear why it was cut.
    """
    writing = asyncio.ensure_future(context.write(message))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait({writing}, timeout=UNDER_WAY_S)
        writing.cancel()
        # The other end may be gone: asyncio would complain of a fault nobody looked at.
        writing.add_done_callback(lambda done: done.cancelled() or done.exception())
        raise


async def first(context: Context, silent_s: float) -> ingest_pb2.Up | None:
    """The message a stream begins with; None when the agent closed its side or sent nothing."""
    try:
        async with asyncio.timeout(silent_s):
            return await following(context)
    except TimeoutError:
        return None


async def following(context: Context) -> ingest_pb2.Up | None:
    """The next message; None when the agent closed its side."""
    message = await context.read()
    return message if isinstance(message, ingest_pb2.Up) else None  # type: ignore[redundant-expr]  # or EOF


def extend(limit: asyncio.Timeout, silent_s: float) -> None:
    """Something arrived: the stream may live on. Moving a timer costs as much as a message, so not each one does."""
    now, due = asyncio.get_running_loop().time(), limit.when()
    if due is not None and due - now < silent_s * (1 - SPARE):
        limit.reschedule(now + silent_s)
