# SPDX-License-Identifier: Apache-2.0
"""The page a shift hands over with: it is read together, or printed and signed."""

from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.alerts import shift
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.handover import HOURS, HandoverView
from giamsat_collector.console.views.health import Health
from giamsat_collector.coverage.source_troubles import troubles
from giamsat_collector.incidents.incident import State
from giamsat_collector.suppressing.record import Record

HOUR_NS: Final = 3600 * 10**9


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/handover")
    async def handover(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        reader, wanted = pages.reader(request), request.query_params.get("hours", "")
        hours = int(wanted) if wanted in map(str, HOURS) else HOURS[0]
        since_ns = reader.now_ns - hours * HOUR_NS
        view = HandoverView.of(
            await services.store.read(lambda rows: shift.read(rows, since_ns)),
            services.registry,
            reader,
            hours=hours,
            health=Health.of(await services.hosts.statuses(), reader),
            troubled=len(await troubles(services.registry, services.books, reader.now_ns)),
            incidents=(await services.incidents.listed((State.OPEN,))).rows,
            ending=ending(await services.suppressions.every(), reader.now_ns),
        )
        return await pages.long_page(request, "handover", visitor=visitor, view=view)

    return routes


def ending(records: Iterable[Record], now_ns: int) -> tuple[Record, ...]:
    """What is hidden now and no longer within a day: the next shift will see it again."""
    return tuple(one for one in records if one.stands(now_ns) and one.over_ns - now_ns < 24 * HOUR_NS)
