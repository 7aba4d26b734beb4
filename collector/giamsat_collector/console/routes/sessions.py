# SPDX-License-Identifier: Apache-2.0
"""Where somebody is logged in, and the end of all that but here."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from giamsat_collector.console import sessions
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.ticket import held
from giamsat_collector.console.views.sessions import SessionRow


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/sessions")
    async def mine(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        reader, token, lifetime = pages.reader(request), held(request), services.lifetime
        found = await services.store.read(
            lambda rows: sessions.of_user(rows, visitor.user, token, lifetime=lifetime, now_ns=reader.now_ns)
        )
        rows = tuple(SessionRow.of(one, reader) for one in found)
        idle_minutes = lifetime.idle // timedelta(minutes=1)
        return pages.page(request, "sessions", visitor=visitor, rows=rows, idle_minutes=idle_minutes)

    @routes.post("/sessions")
    async def end(request: Request, act: Annotated[Act, Depends(guard.act)]) -> Response:
        token = held(request)
        await services.store.write(lambda rows: sessions.end_others(rows, act.visitor.user, token))
        return RedirectResponse("/sessions", 303)

    return routes
