# SPDX-License-Identifier: Apache-2.0
"""Several alerts at once: those that were ticked in the queue, or all that its filter finds."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from giamsat_collector.alerts import bulk_move
from giamsat_collector.alerts.bulk_move import Outcome, Seen
from giamsat_collector.alerts.lifecycle import ConflictError, Request
from giamsat_collector.alerts.search import Filter
from giamsat_collector.console.authentication import destination
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.routes import incidents
from giamsat_collector.console.routes.alert import asked, revision
from giamsat_collector.console.routes.queue import NOT_FILTERS, as_of
from giamsat_collector.console.services import Services
from giamsat_collector.console.views import words
from giamsat_collector.console.views.frame import at
from giamsat_collector.console.views.queue import MOST, TICK
from giamsat_collector.errors import RefusedError

INCIDENT: Final = "incident"
"""What is asked for instead of a move: a form that opens an incident of those that were chosen."""
TOGETHER: Final = 50
"""Of them so many in one transaction, so that what arrives need not wait for all."""


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.post("/alerts/moves")
    async def move(request: HttpRequest, act: Annotated[Act, Depends(guard.act)]) -> Response:
        reader = pages.reader(request)
        if act.text("action") == INCIDENT:
            chosen = await _matching(services, act, reader.now_ns) if act.text("every") else _ticked(act)
            ids = incidents.chosen(",".join(one.alert for one in chosen))
            return RedirectResponse(at("/incidents/new", [("alerts", ",".join(ids))]), 303)
        lacking = words.lacking(act.text("action"), note=act.text("note"), owner=act.text("owner"))
        if lacking:
            raise RefusedError(reader.text(lacking))
        chosen = await _matching(services, act, reader.now_ns) if act.text("every") else _ticked(act)
        if not chosen:
            raise RefusedError(reader.text("Chưa chọn cảnh báo nào."))
        done = await _carry_out(services, chosen, act)
        back = destination(act.text("next") or "/alerts")
        return RedirectResponse(f"{back}{'&' if '?' in back else '?'}done={done.moved}&left={done.left}", 303)

    return routes


async def _carry_out(services: Services, chosen: Sequence[Seen], act: Act) -> Outcome:
    wanted, done = asked(act.without("revision")), Outcome()
    for start in range(0, len(chosen), TOGETHER):
        some = chosen[start : start + TOGETHER]
        done += await services.store.write(partial(_move, some, wanted, services.clock.wall_ns()))
    services.news.publish()
    return done


def _move(chosen: Sequence[Seen], wanted: Request, now_ns: int, rows: Connection) -> Outcome:
    return bulk_move.move(rows, chosen, wanted, now_ns)


def _ticked(act: Act) -> tuple[Seen, ...]:
    names = [name for name in act.fields if name.startswith(TICK)]
    return tuple(Seen(name.removeprefix(TICK), revision(act.text(name))) for name in names)


async def _matching(services: Services, act: Act, now_ns: int) -> tuple[Seen, ...]:
    """Everything the queue's filter finds, as it was when the page was made.

    Raises:
        ConflictError: that is not as many as were shown; nothing was changed.
        RefusedError: they are too many.
    """
    query = parse_qsl(act.text("filters"), keep_blank_values=True)
    wanted = Filter.parse(pair for pair in query if pair[0] not in NOT_FILTERS)
    wanted = replace(wanted, unit=services.registry.with_predecessors(wanted.unit))
    seen_ns = as_of(act.text("as_of") or None, now_ns)
    wanted = replace(wanted, opened_until=seen_ns)
    found = await services.store.read(lambda rows: bulk_move.every(rows, wanted, MOST, seen_ns))
    if len(found) > MOST:
        raise RefusedError("the filter finds more than {most} alerts; narrow it down", most=MOST)
    if str(len(found)) != act.text("number"):
        raise ConflictError(
            "the filter finds {number} alerts by now, not {said}; look again",
            number=len(found),
            said=act.text("number")[:10],
        )
    return found
