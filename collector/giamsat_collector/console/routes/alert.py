# SPDX-License-Identifier: Apache-2.0
"""The page of one alert, and what can be done with it."""

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from giamsat_collector.alerts import evidence, ledger
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.lifecycle import Action, ConflictError, Request
from giamsat_collector.alerts.search import CONSEQUENCE, SAME, Filter, count, nearest, search
from giamsat_collector.console import users
from giamsat_collector.console.authentication import destination
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views import words
from giamsat_collector.console.views.alert import AlertView, Found
from giamsat_collector.console.views.standing import Standing
from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents import search as incidents
from giamsat_collector.rulebook.register import measure

RELATED: Final = 10
"""Other alerts of the same host that are shown."""
PCAP: Final = "application/vnd.tcpdump.pcap"


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def show(
        request: HttpRequest, visitor: Session, alert_id: str, *, status: int = 200, wrong: str = "", note: str = ""
    ) -> Response:
        found = await services.store.read(lambda rows: read(rows, alert_id))
        view = AlertView.of(
            found,
            rule=services.rule(found.alert.rule),
            registry=services.registry,
            measure=measure(services.standards(), services.registry, found.alert),
            reader=pages.reader(request),
        )
        return pages.page(request, "alert", status=status, visitor=visitor, view=view, wrong=wrong, note=note)

    @routes.get("/alerts/{alert_id}")
    async def alert(
        request: HttpRequest, alert_id: str, visitor: Annotated[Session, Depends(guard.visitor)]
    ) -> Response:
        return await show(request, visitor, alert_id)

    @routes.get("/alerts/{alert_id}/packets-{link_type}.pcap")
    async def packets(alert_id: str, link_type: int, _: Annotated[Session, Depends(guard.visitor)]) -> Response:
        found = await services.store.read(lambda rows: evidence.of_alert(rows, ledger.get(rows, alert_id)))
        raw = evidence.files(found).get(link_type)
        if raw is None:
            raise evidence.NoEvidenceError(
                "no packets of link type {link_type} are kept for this alert", link_type=link_type
            )
        name = f"giamsat-{alert_id}.pcap"
        return Response(raw, media_type=PCAP, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    @routes.post("/alerts/{alert_id}/moves")
    async def move(request: HttpRequest, alert_id: str, act: Annotated[Act, Depends(guard.act)]) -> Response:
        note = act.text("note")
        reader = pages.reader(request)
        lacking = words.lacking(act.text("action"), note=note, owner=act.text("owner"))
        if lacking:
            return await show(request, act.visitor, alert_id, status=400, wrong=reader.text(lacking), note=note)
        try:
            await carry_out(services, alert_id, act)
        except ConflictError:
            wrong = reader.text(
                "Trong lúc bạn xem, người khác đã thay đổi cảnh báo này. Dưới đây là tình trạng mới nhất; "
                "ghi chú của bạn vẫn còn."
            )
            return await show(request, act.visitor, alert_id, status=409, wrong=wrong, note=note)
        except ledger.UnknownAlertError:
            raise
        except RefusedError as error:
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            return await show(request, act.visitor, alert_id, status=400, wrong=wrong, note=note)
        return RedirectResponse(destination(act.text("next") or f"/alerts/{alert_id}"), 303)

    return routes


async def carry_out(services: Services, alert_id: str, act: Act) -> Alert:
    """Do with an alert what a visitor asks for, and tell every open page.

    Raises:
        RefusedError: it is not possible; nothing was changed.
    """
    wanted = asked(act)
    now = services.clock.wall_ns()
    alert = await services.store.write(lambda rows: ledger.move(rows, alert_id, wanted, now))
    services.news.publish()
    return alert


def asked(act: Act) -> Request:
    """What the fields of a form or of a JSON object ask for.

    Raises:
        RefusedError: there is no such action, or the revision is not a number.
    """
    try:
        action = Action(act.text("action"))
    except ValueError as error:
        raise RefusedError("no such action; the actions are {possible}", possible=", ".join(Action)) from error
    return Request(
        action=action,
        actor=act.visitor.user,
        owner=act.text("owner") or None,
        note=act.text("note"),
        revision=revision(str(act.fields.get("revision") or "0")) if "revision" in act.fields else None,
    )


def revision(text: str) -> int:
    """The revision of an alert that somebody was looking at.

    Raises:
        RefusedError: it is not a number.
    """
    if not (text.isdecimal() and len(text) < len(str(1 << 31))):
        raise RefusedError("revision is not a number")
    return int(text)


def read(connection: Connection, alert_id: str) -> Found:
    """An alert and what belongs to it.

    Raises:
        UnknownAlertError: there is none with this id.
    """
    alert = ledger.get(connection, alert_id)
    return Found(
        alert=alert,
        history=ledger.history(connection, alert_id),
        related=nearest(connection, alert, RELATED),
        standing=_standing(connection, alert),
        owners=users.names(connection),
        incidents=incidents.of_alerts(connection, [alert_id]).get(alert_id, ()),
        packets=evidence.of_alert(connection, alert),
    )


def _standing(connection: Connection, alert: Alert) -> Standing:
    its = Filter(cause=frozenset({alert.id}))
    return Standing(
        cause=ledger.get(connection, alert.cause) if alert.cause else None,
        consequences=search(connection, its).alerts,
        number=count(connection, its),
        open=count(connection, replace(its, state=frozenset({CONSEQUENCE, SAME}))),
    )
