# SPDX-License-Identifier: Apache-2.0
"""Who may use the console, and when they did last: to be read by administrators; the command line changes it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from giamsat_collector.console import sessions, users
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.accounts import AccountRow


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/accounts")
    async def accounts(request: Request, visitor: Annotated[Session, Depends(guard.administrator)]) -> Response:
        reader = pages.reader(request)

        def work(rows: Connection) -> tuple[AccountRow, ...]:
            inside = sessions.count(rows, lifetime=services.lifetime, now_ns=reader.now_ns)
            return tuple(AccountRow.of(user, inside.get(user.name, 0), reader) for user in users.every(rows))

        return pages.page(request, "accounts", visitor=visitor, rows=await services.store.read(work))

    return routes
