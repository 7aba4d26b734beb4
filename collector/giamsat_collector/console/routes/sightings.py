# SPDX-License-Identifier: Apache-2.0
"""Hosts on the networks of units, as sensors see them: who has an agent, and who has none."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.sightings import PAGE, SightingsView, Wanted


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/sightings")
    async def sightings(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        query = request.query_params
        wanted = Wanted(query.get("text", "").strip()[:200], query.get("state", ""), query.get("unit", ""))
        skip = query.get("skip", "")
        start = int(skip) if skip.isdecimal() and len(skip) < len(str(PAGE**3)) else 0
        hosts = await services.sighted.hosts()
        reader = pages.reader(request)
        view = await asyncio.to_thread(SightingsView.of, hosts, wanted, start, services.registry, reader)
        return await pages.long_page(request, "sightings", visitor=visitor, view=view)

    return routes
