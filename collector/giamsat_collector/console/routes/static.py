# SPDX-License-Identifier: Apache-2.0
"""Style, scripts and the icon."""

from typing import Final

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import RedirectResponse

from giamsat_collector.console.assets import Assets

FOR_EVER: Final = "public, max-age=31536000, immutable"


def router(assets: Assets) -> APIRouter:
    """The routes that need no login."""
    routes = APIRouter()

    @routes.get("/static/{edition}/{path:path}")
    async def static(edition: str, path: str) -> Response:
        found = assets.find(edition, path)
        if found is None:
            raise HTTPException(404)
        return Response(found.body, media_type=found.media_type, headers={"Cache-Control": FOR_EVER})

    @routes.get("/favicon.ico")
    async def icon() -> Response:
        return RedirectResponse(assets.address("favicon.svg"), 307)

    return routes
