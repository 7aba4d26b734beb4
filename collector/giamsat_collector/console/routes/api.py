# SPDX-License-Identifier: Apache-2.0
"""The JSON API of alerts: the same services as the pages, in the shapes of the command line."""

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection

from giamsat_collector.alerts import detail
from giamsat_collector.alerts.search import PAGE, Filter, behind, search, total
from giamsat_collector.alerts.shape import as_json
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.routes.alert import carry_out
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.errors import RefusedError
from giamsat_collector.rulebook.register import measure

_NOT_FILTERS: Final = frozenset({"after", "limit"})


def router(services: Services, guard: Guard) -> APIRouter:
    """The routes below /api/v1."""
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/session")
    async def session(visitor: Annotated[Session, Depends(guard.visitor)]) -> dict[str, str]:
        return {"user": visitor.user, "role": visitor.role, "csrf": visitor.csrf}

    @routes.get("/alerts")
    async def alerts(request: Request, _: Annotated[Session, Depends(guard.visitor)]) -> dict[str, Any]:
        query = request.query_params
        wanted = Filter.parse(pair for pair in query.multi_items() if pair[0] not in _NOT_FILTERS)
        wanted = replace(wanted, unit=services.registry.with_predecessors(wanted.unit))
        after, limit = query.get("after"), _limit(query.get("limit"))

        def read(rows: Connection) -> dict[str, Any]:
            page = search(rows, wanted, after=after, limit=limit)
            for_ = behind(rows, [alert.id for alert in page.alerts])
            found = [as_json(alert, for_.get(alert.id, 0)) for alert in page.alerts]
            return {"alerts": found, "count": total(rows, wanted, page, after), "after": page.after}

        return await services.store.read(read)

    @routes.get("/alerts/{alert_id}")
    async def alert(alert_id: str, _: Annotated[Session, Depends(guard.visitor)]) -> dict[str, Any]:
        return await full(alert_id)

    @routes.post("/alerts/{alert_id}/moves")
    async def move(alert_id: str, act: Annotated[Act, Depends(guard.act)]) -> dict[str, Any]:
        await carry_out(services, alert_id, act)
        return await full(alert_id)

    async def full(alert_id: str) -> dict[str, Any]:
        def read(rows: Connection) -> dict[str, Any]:
            found, said = detail.read(rows, alert_id)
            by = measure(services.standards(), services.registry, found)
            return {**said, "measured_by": by.as_json() if by else None}

        return await services.store.read(read)

    return routes


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not text.isdecimal() or len(text) > len(str(PAGE)) + 1:
        raise RefusedError("limit={text!r} is not a number of alerts; at most 200 are given at once", text=text[:40])
    return int(text)
