# SPDX-License-Identifier: Apache-2.0
"""Tokens that wait for a second person: who issued them for what, and where somebody else agrees or refuses."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.tokens import TokenRow
from giamsat_collector.errors import RefusedError


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def show(request: Request, visitor: Session, *, status: int = 200, wrong: str = "") -> Response:
        reader = pages.reader(request)
        waiting = await services.agreements.waiting()
        rows = tuple(TokenRow.of(one, visitor.person, services.registry, reader) for one in waiting)
        return pages.page(request, "tokens", status=status, visitor=visitor, rows=rows, wrong=wrong)

    @routes.get("/tokens")
    async def tokens(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        return await show(request, visitor)

    @routes.post("/tokens/{token}")
    async def decide(request: Request, token: str, act: Annotated[Act, Depends(guard.act)]) -> Response:
        try:
            if act.text("action") == "agree":
                await services.agreements.agree([token], act.visitor.person)
            else:
                await services.agreements.withdraw(token, act.visitor.person)
        except RefusedError as error:
            reader = pages.reader(request)
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            return await show(request, act.visitor, status=400, wrong=wrong)
        return RedirectResponse("/tokens", 303)

    return routes
