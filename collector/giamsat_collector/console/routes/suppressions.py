# SPDX-License-Identifier: Apache-2.0
"""What is hidden, who decided so, and where a second person agrees or anybody ends it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views import suppressions as views
from giamsat_collector.console.views.suppressions import SuppressionRow
from giamsat_collector.errors import RefusedError
from giamsat_wire.limits import NUMBER


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def show(request: Request, visitor: Session, *, status: int = 200, wrong: str = "") -> Response:
        reader = pages.reader(request)
        records = views.arranged(await services.suppressions.every(), reader.now_ns)
        rows = tuple(SuppressionRow.of(record, visitor.person, services.registry, reader) for record in records)
        return pages.page(request, "suppressions", status=status, visitor=visitor, rows=rows, wrong=wrong)

    @routes.get("/suppressions")
    async def suppressions(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        return await show(request, visitor)

    @routes.post("/suppressions/{number}")
    async def decide(
        request: Request, number: Annotated[int, Path(ge=0, le=NUMBER)], act: Annotated[Act, Depends(guard.act)]
    ) -> Response:
        agrees = act.text("action") == "agree"
        deed = services.suppressions.agree if agrees else services.suppressions.end
        try:
            await deed(number, act.visitor.person)
        except RefusedError as error:
            reader = pages.reader(request)
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            return await show(request, act.visitor, status=400, wrong=wrong)
        await services.administered("suppress.agree" if agrees else "suppress.end", act.visitor.user)
        return RedirectResponse("/suppressions", 303)

    return routes
