# SPDX-License-Identifier: Apache-2.0
"""Lists of what is known to be evil: which there are, how old, what they have met, and whether a value is in one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.indicators import Checked, ListRow
from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators.indicator import VALUE


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/indicators")
    async def indicators(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        reader, standing = pages.reader(request), services.lists.standing()
        rows = tuple(ListRow.of(one, standing.get(one.name, 0), reader) for one in await services.lists.every())
        value = request.query_params.get("value", "").strip()[:VALUE]
        wrong, checked = "", None
        try:
            checked = Checked.of(*services.lists.check([value])[0], reader) if value else None
        except RefusedError as error:
            wrong = reader.text(
                "Giá trị viết sai, hoặc là địa chỉ nội bộ. ({reason})",
                reason=reader.said(error.why),
            )
        return pages.page(request, "indicators", visitor=visitor, rows=rows, value=value, checked=checked, wrong=wrong)

    return routes
