# SPDX-License-Identifier: Apache-2.0
"""The list of incidents, and the form that opens one of alerts, or adds them to one that is open."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from giamsat_collector.alerts import ledger as alerts
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.routes.incident import ticked
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.draft import DraftView
from giamsat_collector.console.views.incident import PLACED
from giamsat_collector.console.views.incidents import IncidentsView
from giamsat_collector.errors import RefusedError, UnknownError
from giamsat_collector.incidents import search
from giamsat_collector.incidents.incident import Incident, State
from giamsat_collector.incidents.ledger import MOST
from giamsat_collector.incidents.lifecycle import Action, Request
from giamsat_wire.limits import NUMBER

STATES: Final = {"open": (State.OPEN,), "closed": (State.CLOSED,), "all": (State.OPEN, State.CLOSED)}


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/incidents")
    async def every(request: HttpRequest, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        reader, tab = pages.reader(request), request.query_params.get("state", "open")
        found = await services.incidents.listed(states(tab))
        counts = await services.store.read(search.counts)
        view = IncidentsView.of(tab, found, counts, services.registry, reader)
        return pages.page(request, "incidents", visitor=visitor, view=view)

    async def draft(
        request: HttpRequest, visitor: Session, said: Mapping[str, str], *, status: int = 200, wrong: str = ""
    ) -> Response:
        ids = chosen(said.get("alerts", "")) if said.get("alerts") else ()
        found, standing = await services.store.read(lambda rows: _drafted(rows, ids))
        view = DraftView.of(found, standing, said, services.registry, pages.reader(request))
        return pages.page(request, "incident_new", status=status, visitor=visitor, view=view, wrong=wrong)

    @routes.get("/incidents/new")
    async def new(request: HttpRequest, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        return await draft(request, visitor, dict(request.query_params))

    @routes.post("/incidents")
    async def open_(request: HttpRequest, act: Annotated[Act, Depends(guard.act)]) -> Response:
        ids = chosen(act.text("alerts")) if act.text("alerts") else ()
        try:
            number = await _opened(services, act, ids)
        except UnknownError:
            raise
        except RefusedError as error:
            reader = pages.reader(request)
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            said = {name: act.text(name) for name in act.fields}
            return await draft(request, act.visitor, said, status=400, wrong=wrong)
        return RedirectResponse(f"/incidents/{number}", 303)

    return routes


def states(tab: str) -> tuple[State, ...]:
    """The states of a tab.

    Raises:
        RefusedError: there is no such tab.
    """
    if tab not in STATES:
        raise RefusedError(
            "state={tab!r} is not possible; possible: {possible}", tab=tab[:20], possible=", ".join(STATES)
        )
    return STATES[tab]


def chosen(text: str) -> tuple[str, ...]:
    """The alerts an address or a form names.

    Raises:
        RefusedError: it names none, or more than an incident has.
    """
    ids = tuple(dict.fromkeys(one for one in text.split(",") if one))
    if not 0 < len(ids) <= MOST:
        raise RefusedError("an incident is opened of 1 to {most} alerts; choose them in the queue", most=MOST)
    return ids


async def _opened(services: Services, act: Act, ids: tuple[str, ...]) -> int:
    """Open an incident, or add to the one that was chosen; its number."""
    actor, into = act.visitor.user, act.text("into")
    if into:
        added = Request(Action.ADD, actor, act.text("note"), alerts=ids)
        if not (into.isdecimal() and len(into) <= len(str(NUMBER))):
            raise RefusedError("choose an incident that is open")
        return (await services.incidents.move(int(into), added)).number
    said = {**ticked(act), "title": act.text("title"), "group": act.text("group"), "persons": act.text("persons")}
    said |= {"owner": act.text("owner") or actor, "first_actions": act.text("first_actions")}
    said |= {name: act.text(name) for name in PLACED if act.text(name)}
    reason = act.text("reason")
    if act.text("detected") != act.text("counted"):
        said["detected"] = act.text("detected")
    return (await services.incidents.open(ids, said, actor, reason)).number


def _drafted(connection: Connection, ids: tuple[str, ...]) -> tuple[list[Alert], list[Incident]]:
    found = [alerts.get(connection, one) for one in ids]
    return found, [incident for incident, _ in search.standing(connection)]
