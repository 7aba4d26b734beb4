# SPDX-License-Identifier: Apache-2.0
"""The sources of all hosts that stopped, lose, are throttled or wait, and the next step."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.host import Condition
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.sources import SourcesView
from giamsat_collector.coverage.source_troubles import troubles


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/sources")
    async def sources(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        query = request.query_params
        view = SourcesView.of(
            await troubles(services.registry, services.books, services.clock.wall_ns()),
            [one for one in await services.hosts.statuses() if one.condition is Condition.SILENT],
            pages.reader(request),
            text=query.get("text", "").strip()[:200],
            condition=query.get("condition", ""),
            anybody_sends=any(True for _ in services.books),
        )
        return await pages.long_page(request, "sources", visitor=visitor, view=view)

    return routes
