# SPDX-License-Identifier: Apache-2.0
"""The page of one incident, and what can be done with it."""

from collections.abc import Mapping
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
CHANGES: Final[Mapping[str, tuple[str, ...]]] = {
    ASSESSED: (*TICKS, "group", "persons"),
    DETECTED: ("detected",),
    DESCRIBED: ("title", "owner", "told_by", "unit", "system", *TEXTS),
}
"""What is changed of an incident by which action: how it is judged, when it was detected, what is known of it."""
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
            await services.incidents.move(number, asked(services, act, _said(act)))
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


def asked(services: Services, act: Act, said: Mapping[str, object]) -> Request:
    """What the fields of a form or of a JSON object ask for; `said` are those of the incident that change.

    Raises:
        RefusedError: there is no such action, or a field is not right.
    """
    action, now_ns = act.text("action"), services.clock.wall_ns()
    if action not in CHANGES and action not in set(Action) - {Action.CHANGE}:
        possible = ", ".join((*(one for one in Action if one is not Action.CHANGE), *CHANGES))
        raise RefusedError("no such action; with an incident there are {possible}", possible=possible)
    report = act.text("report")
    return Request(
        action=Action.CHANGE if action in CHANGES else Action(action),
        actor=act.visitor.user,
        note=act.text("note"),
        revision=revision(str(act.fields.get("revision") or "0")) if "revision" in act.fields else None,
        values=services.incidents.meant(said),
        alerts=named(act),
        report=wanted.report(report) if report else None,
        document=act.text("document"),
        sent_ns=wanted.past(act.text("at"), services.zone, now_ns) if act.text("at") else now_ns,
    )


def named(act: Act) -> tuple[str, ...]:
    """The alerts that a form names one behind the other, or a JSON object as a list.

    Raises:
        RefusedError: they are neither.
    """
    said = act.fields.get("alerts", "")
    every = said.split(",") if isinstance(said, str) else said
    if not isinstance(every, list) or not all(isinstance(one, str) for one in every):
        raise RefusedError("alerts are a list of their ids")
    return tuple(one for one in every if one)[: MOST + 1]


def _said(act: Act) -> dict[str, object]:
    """What a form says of an incident; a box that is not ticked is not sent, and says that it is not so."""
    known = CHANGES.get(act.text("action"), ())
    said = ticked(act) if act.text("action") == ASSESSED else {}
    return said | {name: act.text(name) for name in known if name in act.fields and name not in TICKS}


def ticked(act: Act) -> dict[str, object]:
    """What a form ticks of what decides about reports."""
    return {name: bool(act.text(name)) for name in TICKS}
