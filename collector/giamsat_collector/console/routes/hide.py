# SPDX-License-Identifier: Apache-2.0
"""Where an alert, and what is like it, is hidden for a while: a form that says first what that would have hidden."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views import hide as views
from giamsat_collector.console.views.hide import HideView
from giamsat_collector.errors import RefusedError
from giamsat_collector.suppressing import hiding, wanted
from giamsat_collector.suppressing.record import Record
from giamsat_collector.suppressing.wanted import Known, Wanted

DAY_NS: Final = 86_400 * 10**9
ANY: Final = "-"
"""In place of a reason and a document where nothing is kept yet."""


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def show(
        request: Request, visitor: Session, alert: Alert, said: Mapping[str, str], *, status: int = 200, wrong: str = ""
    ) -> Response:
        reader = pages.reader(request)
        try:
            # Nothing is kept of this record: it may lack what a kept one needs.
            record = decided(services, alert, {**said, "reason": ANY, "document": ANY}, visitor.person)
        except RefusedError:
            found = None
        else:
            since_ns = reader.now_ns - hiding.DAYS * DAY_NS
            found = await services.store.read(lambda rows: hiding.preview(rows, record, since_ns))
        view = HideView.of(alert, said, found, services.registry, reader)
        return pages.page(request, "hide", status=status, visitor=visitor, view=view, wrong=wrong)

    @routes.get("/alerts/{alert_id}/hide")
    async def form(request: Request, alert_id: str, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        alert = await services.store.read(lambda rows: ledger.get(rows, alert_id))
        return await show(request, visitor, alert, {})

    @routes.post("/alerts/{alert_id}/hide")
    async def hide(request: Request, alert_id: str, act: Annotated[Act, Depends(guard.act)]) -> Response:
        alert = await services.store.read(lambda rows: ledger.get(rows, alert_id))
        said = {name: act.text(name) for name in act.fields}
        if act.text("action") != "hide":
            return await show(request, act.visitor, alert, said)
        try:
            await services.suppressions.propose(decided(services, alert, said, act.visitor.person))
        except RefusedError as error:
            reader = pages.reader(request)
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            return await show(request, act.visitor, alert, said, status=400, wrong=wrong)
        await services.administered("suppress.add", act.visitor.user)
        return RedirectResponse("/suppressions", 303)

    return routes


def decided(services: Services, alert: Alert, said: Mapping[str, str], user: str) -> Record:
    """The suppression a form asks for: of the alert's rule, at a place the alert stands in.

    Raises:
        RefusedError: it cannot be; the message says why.
    """
    places = {"asset": alert.asset, "system": alert.system or "", "unit": alert.unit}
    place = said.get("place", "asset")
    if not places.get(place):
        raise RefusedError("no such place: {place!r}; choose the host, the system or the unit", place=place[:20])
    wish = Wanted(
        rules=(alert.rule,),
        fields=dict(views.fields(alert, said)),
        reason=said.get("reason", ""),
        document=said.get("document", ""),
        expires=said.get("expires", "7d"),
        **{place: places[place]},
    )
    known = Known({alert.rule}, {alert.unit}, {alert.system or ""}, {alert.asset})
    return wanted.decided(wish, known, proposer=user, now_ns=services.clock.wall_ns())
