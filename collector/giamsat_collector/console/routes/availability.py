# SPDX-License-Identifier: Apache-2.0
"""Availability: how each system did in a month, by what its checks told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from giamsat_collector import recording
from giamsat_collector.availability import maintenance, month
from giamsat_collector.availability.month import Month
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.availability import AvailabilityView
from giamsat_collector.errors import RefusedError
from giamsat_wire.limits import NUMBER


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def show(request: Request, visitor: Session, *, status: int = 200, wrong: str = "") -> Response:
        reader, asked = pages.reader(request), request.query_params.get("month", "")
        found = await _month(services, asked)
        if asked and found.name != asked:
            wrong = wrong or reader.text("Không có tháng được hỏi, hoặc tháng đó chưa bắt đầu. Dưới đây là tháng này.")
        now_ns = services.clock.wall_ns()
        standing = await services.store.read(lambda rows: maintenance.standing(rows, now_ns))
        view = AvailabilityView.of(found, standing, visitor.person, services.registry, reader)
        return pages.page(request, "availability", status=status, visitor=visitor, view=view, wrong=wrong)

    @routes.get("/availability")
    async def availability(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        return await show(request, visitor)

    @routes.post("/availability/maintenance/{number}")
    async def decide(
        request: Request, number: Annotated[int, Path(ge=0, le=NUMBER)], act: Annotated[Act, Depends(guard.act)]
    ) -> Response:
        user, now_ns = act.visitor.person, services.clock.wall_ns()
        agrees = act.text("action") == "agree"

        def work(rows: Connection) -> None:
            if agrees:
                maintenance.agree(rows, number, person=user, at_ns=now_ns)
            else:
                recording.withdraw(rows, number, author=user, at_ns=now_ns)

        try:
            await services.store.write(work)
        except RefusedError as error:
            reader = pages.reader(request)
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            return await show(request, act.visitor, status=400, wrong=wrong)
        await services.administered(f"availability.{'agree' if agrees else 'withdraw'}", act.visitor.user)
        services.news.publish()
        return RedirectResponse("/availability", 303)

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
