# SPDX-License-Identifier: Apache-2.0
"""Coverage: how every system's obligations stand, what is lacking, and the next step."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views import coverage as views
from giamsat_collector.console.views.coverage import PAGE, STATES, CoverageRow, CoverageView, Wanted
from giamsat_collector.console.views.frame import at
from giamsat_collector.console.views.sources import summary
from giamsat_collector.console.views.system import SystemView
from giamsat_collector.coverage.source_troubles import troubles
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.errors import UnknownError


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/coverage")
    async def coverage(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        query = request.query_params
        wanted = Wanted(query.get("text", "").strip()[:200], query.get("state", ""), query.get("level", ""))
        skip = query.get("skip", "")
        start = int(skip) if skip.isdecimal() and len(skip) < len(str(PAGE**3)) else 0
        statement, reader = await services.coverage(), pages.reader(request)
        troubled = len(await troubles(services.registry, services.books, reader.now_ns))
        view = await asyncio.to_thread(_view, services, statement, wanted, start, reader, troubled=troubled)
        return await pages.long_page(request, "coverage", visitor=visitor, view=view)

    @routes.get("/coverage/{system:path}")
    async def one(request: Request, system: str, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        statement, registry = await services.coverage(), services.registry
        found = next((each for each in statement.systems if each.system == system), None)
        if found is None or system not in registry.systems:
            raise UnknownError("no such system: {system}", system=system[:64])
        known = registry.systems[system]
        view = SystemView.of(found, known, registry.named(known.unit), pages.reader(request))
        return pages.page(request, "system", visitor=visitor, view=view)

    return routes


def _view(
    services: Services, statement: Statement, wanted: Wanted, start: int, reader: Reader, *, troubled: int
) -> CoverageView:
    fitting = views.arranged(statement, wanted, services.registry.systems, services.registry.units)
    shown = fitting[start : start + PAGE]
    set_ = {"text": wanted.text, "state": wanted.state, "level": wanted.level}
    filters = [(name, value) for name, value in set_.items() if value]
    unwatched = sum(services.sighted.counts.values())
    further = start + PAGE < len(fitting)
    return CoverageView(
        met=reader.number(statement.met),
        total=reader.number(len(statement.systems)),
        pack=statement.pack,
        heads=tuple(reader.text(word) for word in STATES.values()),
        levels=views.by_level(statement, reader),
        areas=views.by_area(statement, services.registry, reader),
        rows=tuple(CoverageRow.of(found, system, unit, reader) for found, system, unit in shown),
        shown=reader.text(
            "{shown} trong {number} hệ thống",
            count=len(fitting),
            shown=reader.number(len(shown)),
            number=reader.number(len(fitting)),
        ),
        unwatched=reader.text("{number} máy chưa có agent", count=unwatched, number=reader.number(unwatched))
        if unwatched
        else "",
        troubled=summary(troubled, reader) if troubled else "",
        text=wanted.text,
        states=views.state_choices(wanted.state, reader),
        level_choices=views.level_choices(wanted.level, reader),
        refresh=at("/coverage", [*filters, ("skip", str(start))]),
        following=at("/coverage", [*filters, ("skip", str(start + PAGE))]) if further else "",
        first=at("/coverage", filters) if start else "",
    )
