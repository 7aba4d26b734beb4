# SPDX-License-Identifier: Apache-2.0
"""The stream on which open pages hear that something changed (server-sent events)."""

from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.services import Services

STREAMS: Final = 500
"""Open pages that are told; one more is refused and still works by loading it anew."""
LOOK_S: Final = 4.0
"""A session that ended is noticed within this time."""
REST_S: Final = 0.5
"""Between two messages: a storm of alerts is told of twice a second."""
LOADS: Final = 20
"""How often a second all open pages together load anew in a storm: the more there are, the longer each one rests."""


def router(services: Services, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    open_ = 0

    async def stream(request: Request) -> AsyncIterator[bytes]:
        nonlocal open_
        open_ += 1
        try:
            async for message in messages(services, guard, request, lambda: rest_s(open_)):
                yield message
        finally:
            open_ -= 1

    @routes.get("/events", dependencies=[Depends(guard.visitor)])
    async def events(request: Request) -> Response:
        if open_ >= STREAMS:
            raise HTTPException(503, "too many open pages", {"Retry-After": "60"})
        return StreamingResponse(stream(request), media_type="text/event-stream")

    return routes


def rest_s(pages: int) -> float:
    """How long a page rests after a message while so many are open."""
    return max(REST_S, pages / LOADS)


async def messages(
    services: Services, guard: Guard, request: Request, resting: Callable[[], float]
) -> AsyncIterator[bytes]:
    """One message per change until the session ends or the collector stops; a comment now and then between.

    The first comes at once: something may have changed between the making of the page and this stream.
    """
    news, known = services.news, -1
    while not news.closed:
        edition = await news.wait(known, LOOK_S)
        if await guard.session(request) is None:
            yield b"event: session-over\ndata: -\n\n"
            return
        if edition != known:
            known = edition
            yield b"event: alerts\ndata: -\n\n"
            await news.rest(resting())
        else:
            yield b": still here\n\n"
