# SPDX-License-Identifier: Apache-2.0
"""The hosts: which there are, at which level, and when each was last heard."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.alerts.search import open_by
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.host import HostStatus
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views import hosts as views
from giamsat_collector.console.views.frame import at
from giamsat_collector.console.views.health import Health
from giamsat_collector.console.views.hosts import PAGE, HostRow, HostsView, Wanted


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/hosts")
    async def hosts(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        query = request.query_params
        wanted = Wanted(query.get("text", "").strip()[:200], query.get("status", ""), query.get("level", ""))
        skip = query.get("skip", "")
        start = int(skip) if skip.isdecimal() and len(skip) < len(str(PAGE**3)) else 0
        open_alerts = await services.store.read(lambda rows: open_by(rows, "asset"))
        statuses, reader = await services.hosts.statuses(), pages.reader(request)
        view = await asyncio.to_thread(_view, statuses, wanted, start, open_alerts, reader)
        return await pages.long_page(request, "hosts", visitor=visitor, view=view)

    return routes


def _view(
    statuses: Sequence[HostStatus],
    wanted: Wanted,
    start: int,
    open_alerts: Mapping[tuple[Any, ...], int],
    reader: Reader,
) -> HostsView:
    fitting = views.arranged(statuses, wanted)
    shown = fitting[start : start + PAGE]
    set_ = {"text": wanted.text, "status": wanted.status, "level": wanted.level}
    filters = [(name, value) for name, value in set_.items() if value]
    further = start + PAGE < len(fitting)
    return HostsView(
        rows=tuple(HostRow.of(status, open_alerts.get((status.asset,), 0), reader) for status in shown),
        shown=reader.text(
            "{shown} trong {number} máy",
            count=len(fitting),
            shown=reader.number(len(shown)),
            number=reader.number(len(fitting)),
        ),
        text=wanted.text,
        statuses=views.status_choices(wanted.status, reader),
        levels=views.level_choices(wanted.level, reader),
        health=Health.of(statuses, reader),
        refresh=at("/hosts", [*filters, ("skip", str(start))]),
        following=at("/hosts", [*filters, ("skip", str(start + PAGE))]) if further else "",
        first=at("/hosts", filters) if start else "",
        any_hosts=bool(statuses),
    )
