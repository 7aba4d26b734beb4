# SPDX-License-Identifier: Apache-2.0
"""Availability: how each system did in a month, by what its checks told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.availability import month
from giamsat_collector.availability.month import Month
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.availability import AvailabilityView
from giamsat_collector.errors import RefusedError


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/availability")
    async def availability(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        found = await _month(services, request.query_params.get("month", ""))
        view = AvailabilityView.of(found, services.registry, pages.reader(request))
        return pages.page(request, "availability", visitor=visitor, view=view)

    return routes


async def _month(services: Services, wanted: str) -> Month:
    """The month that is asked for; this one when that is none, or has not begun."""
    now_ns = services.clock.wall_ns()
    name = month.current(services.zone, now_ns)
    try:
        over = month.span(wanted or name, services.zone, now_ns)
    except RefusedError:
        over = month.span(name, services.zone, now_ns)
    else:
        name = wanted or name
    return await services.store.read(lambda connection: month.read(connection, name, over))
