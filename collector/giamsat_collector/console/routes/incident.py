# SPDX-License-Identifier: Apache-2.0
"""The page of one incident, and what can be done with it."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Response
from fastapi import Request as HttpRequest
from fastapi.responses import RedirectResponse

from giamsat_collector.alerts.lifecycle import ConflictError
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.routes.alert import revision
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.incident import TEXTS, TICKS, IncidentView
from giamsat_collector.errors import RefusedError, UnknownError
from giamsat_collector.incidents import wanted
from giamsat_collector.incidents.ledger import MOST
from giamsat_collector.incidents.lifecycle import Action, Request
from giamsat_wire.limits import NUMBER

ASSESSED: Final = "assess"
DETECTED: Final = "detected"
DESCRIBED: Final = "describe"
"""What forms change of an incident: how it is judged, when it was detected, what is known of it."""
Number = Annotated[int, Path(ge=0, le=NUMBER)]


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def show(
        request: HttpRequest, visitor: Session, number: int, *, status: int, wrong: str, act: Act | None = None
    ) -> Response:
        said = {name: act.text(name) for name in act.fields} if act else {}
        view = IncidentView.of(await services.incidents.whole(number), services.registry, pages.reader(request), said)
        note = said.get("note", "")
        return pages.page(request, "incident", status=status, visitor=visitor, view=view, wrong=wrong, note=note)

    @routes.get("/incidents/{number}")
    async def one(
        request: HttpRequest, number: Number, visitor: Annotated[Session, Depends(guard.visitor)]
    ) -> Response:
        return await show(request, visitor, number, status=200, wrong="")

    @routes.post("/incidents/{number}")
    async def move(request: HttpRequest, number: Number, act: Annotated[Act, Depends(guard.act)]) -> Response:
        reader = pages.reader(request)
        try:
            await services.incidents.move(number, asked(services, act))
        except ConflictError:
            wrong = reader.text(
                "Trong lúc bạn xem, người khác đã thay đổi sự cố này. Dưới đây là tình trạng mới nhất; "
                "những gì bạn viết vẫn còn."
            )
            return await show(request, act.visitor, number, status=409, wrong=wrong, act=act)
        except UnknownError:
            raise
        except RefusedError as error:
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            return await show(request, act.visitor, number, status=400, wrong=wrong, act=act)
        return RedirectResponse(f"/incidents/{number}", 303)

    return routes


def asked(services: Services, act: Act) -> Request:
    """What the fields of a form ask for.

    Raises:
        RefusedError: there is no such action, or a field is not right.
    """
    action, now_ns = act.text("action"), services.clock.wall_ns()
    said: dict[str, object] = {}
    if action == ASSESSED:
        said = {**ticked(act), "group": act.text("group"), "persons": act.text("persons")}
    elif action == DETECTED:
        said = {"detected": act.text("detected")}
    elif action == DESCRIBED:
        said = {name: act.text(name) for name in ("title", "owner", *TEXTS)}
    elif action not in set(Action) - {Action.CHANGE}:
        possible = ", ".join((*(one for one in Action if one is not Action.CHANGE), ASSESSED, DETECTED, DESCRIBED))
        raise RefusedError("no such action; with an incident there are {possible}", possible=possible)
    report = act.text("report")
    return Request(
        action=Action.CHANGE if said else Action(action),
        actor=act.visitor.user,
        note=act.text("note"),
        revision=revision(act.text("revision") or "0"),
        values=services.incidents.meant(said),
        alerts=tuple(one for one in act.text("alerts").split(",") if one)[: MOST + 1],
        report=wanted.report(report) if report else None,
        document=act.text("document"),
        sent_ns=wanted.past(act.text("at"), services.zone, now_ns) if act.text("at") else now_ns,
    )


def ticked(act: Act) -> dict[str, object]:
    """What a form ticks of what decides about reports."""
    return {name: bool(act.text(name)) for name in TICKS}
