# SPDX-License-Identifier: Apache-2.0
"""The HTTP face for Prometheus: /metrics, one page per host, and the list of hosts.

Every route wants the bearer token of the token file; Prometheus takes it from `authorization.credentials_file`.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from giamsat_collector.expose.discovery import Target, groups
from giamsat_collector.expose.hosts import HostPages
from giamsat_wire.clock import Clock

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
REFRESH_S: Final = "30"


def router(
    *,
    token: str,
    own: Callable[[], Awaitable[bytes]],
    pages: HostPages,
    targets: Callable[[], Sequence[Target]],
    clock: Clock,
) -> APIRouter:
    """The routes; `own` makes the collector's own page, `targets` names the hosts there are now.

    Raises:
        ValueError: the token is empty, which would open them to everybody.
    """
    if not token:
        raise ValueError("the pages for Prometheus need a token")

    def allowed(authorization: Annotated[str, Header()] = "") -> None:
        # Prometheus 2.42 leaves the word out in http_sd unless `type: Bearer` is written.
        if not hmac.compare_digest(authorization.removeprefix("Bearer ").encode(), token.encode()):
            raise HTTPException(
                401,
                "this page wants the token of the collector's metrics token file as a bearer token",
                {"WWW-Authenticate": "Bearer"},
            )

    routes = APIRouter(dependencies=[Depends(allowed)])

    @routes.get("/metrics")
    async def metrics() -> Response:
        return Response(await own(), media_type=TEXT)

    @routes.get("/metrics/hosts/{asset}")
    async def host(asset: str) -> Response:
        page = pages.page(asset, clock.wall_ns())
        if page is None:
            return PlainTextResponse("nothing was heard from this host lately\n", 503)
        return Response(page, media_type=TEXT)

    @routes.get("/api/v1/prometheus/sd")
    async def discovery(request: Request) -> Response:
        found = await asyncio.to_thread(groups, targets(), request.url.netloc)
        return JSONResponse(found, headers={"X-Prometheus-Refresh-Interval-Seconds": REFRESH_S})

    return routes
