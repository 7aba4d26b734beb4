# SPDX-License-Identifier: Apache-2.0
"""Who talked with whom on the networks of units: found by host, address, port and time."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.flows import LIMIT, FlowsView, Wanted
from giamsat_collector.errors import RefusedError
from giamsat_collector.traffic import search
from giamsat_collector.traffic.search import Found


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/flows")
    async def flows(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        query, reader = request.query_params, pages.reader(request)
        wanted = Wanted.parse({name: query.get(name, "").strip()[:200] for name in Wanted.NAMES})
        found, problem = Found(), ""
        try:
            asked = wanted.search(services.registry, reader.now_ns)
        except RefusedError:
            problem = reader.text(
                "Địa chỉ hoặc cổng viết sai. Hãy viết như 192.0.2.7, 192.0.2.0/24; cổng từ 0 đến 65535."
            )
        else:
            found = await services.store.read(lambda connection: search.search(connection, asked, LIMIT))
        view = FlowsView.of(found, wanted, problem, services.registry, reader)
        return pages.page(request, "flows", visitor=visitor, view=view)

    return routes
