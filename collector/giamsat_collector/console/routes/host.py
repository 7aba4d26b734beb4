# SPDX-License-Identifier: Apache-2.0
"""One host: how it is now, and whether what is known of it is all there was."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.alerts.search import OPEN, Filter, count
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.host import HostView
from giamsat_collector.console.views.hosts import HostRow
from giamsat_collector.console.views.readings import Readings
from giamsat_collector.errors import UnknownError


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/hosts/{asset}")
    async def host(request: Request, asset: str, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        status = next((one for one in await services.hosts.statuses() if one.asset == asset), None)
        if status is None:
            raise UnknownError("no such host: {asset}", asset=asset[:64])
        reader = pages.reader(request)
        its = Filter(state=frozenset({OPEN}), asset=frozenset({asset}))
        open_alerts = await services.store.read(lambda rows: count(rows, its))
        view = HostView.of(
            HostRow.of(status, open_alerts, reader),
            Readings.of(services.samples(asset), reader),
            await services.completeness(asset),
            reader,
        )
        return pages.page(request, "host", visitor=visitor, view=view)

    return routes
