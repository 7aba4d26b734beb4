# SPDX-License-Identifier: Apache-2.0
"""The queue of alerts. Its address holds every filter, so a view can be kept and shared as a link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.search import (
    CONSEQUENCE,
    MAINTENANCE,
    SAME,
    Filter,
    Page,
    anything,
    behind,
    count,
    search,
    standing,
    total,
)
from giamsat_collector.console import users
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views import queue as views
from giamsat_collector.console.views.frame import at
from giamsat_collector.console.views.health import Health
from giamsat_collector.console.views.queue import AlertRow, QueueView
from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents.incident import Incident
from giamsat_collector.incidents.search import of_alerts
from giamsat_collector.registry.snapshot import Registry

NOT_FILTERS: Final = frozenset({"lang", "after", "as_of", "done", "left"})
"""What stands in the queue's address beside filters."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the queue reads from the store, in one snapshot."""

    page: Page
    behind: Mapping[str, int]
    incidents: Mapping[str, Incident]
    total: int
    fresh: int
    counts: Mapping[str, int]
    any_alerts: bool
    owners: tuple[str, ...]


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/")
    async def home() -> Response:
        return RedirectResponse("/alerts", 303)

    @routes.get("/alerts")
    async def queue(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        reader = pages.reader(request)
        query = _query(request)
        wanted = Filter.parse(query)
        wanted = replace(wanted, unit=services.registry.with_predecessors(wanted.unit))
        until = as_of(request.query_params.get("as_of"), reader.now_ns)
        after = request.query_params.get("after")
        found = await services.store.read(lambda rows: read(rows, wanted, visitor.user, until=until, after=after))
        health = Health.of(await services.hosts.statuses(), reader)
        view = _view(
            found, query, until, after, health=health, registry=services.registry, user=visitor.user, reader=reader
        )
        view = replace(view, said=views.said(request.query_params, reader))
        return await pages.long_page(request, "queue", visitor=visitor, view=view, owners=found.owners)

    return routes


def read(connection: Connection, wanted: Filter, user: str, *, until: int, after: str | None) -> Found:
    """A page of alerts opened until then; later ones are counted.

    A page that refreshes itself keeps its time, so that no row moves in between while somebody looks.
    """
    seen = replace(wanted, opened_until=until)
    open_ = frozenset({"open"})
    tabs = {"open": Filter(state=open_), "mine": Filter(state=open_, owner=frozenset({user}))}
    tabs |= {code: Filter(state=frozenset({code})) for code in (State.NEW.value, MAINTENANCE, CONSEQUENCE, SAME)}
    page = search(connection, seen, after=after)
    ids = [alert.id for alert in page.alerts]
    return Found(
        page=page,
        behind=behind(connection, ids),
        incidents={alert: its[0] for alert, its in of_alerts(connection, ids).items()},
        total=total(connection, seen, page, after),
        fresh=count(connection, replace(wanted, opened_since=until + 1)),
        counts=standing(connection, tabs),
        any_alerts=anything(connection),
        owners=users.names(connection),
    )


def _query(request: Request) -> list[tuple[str, str]]:
    """The filters of an address; without any word about the state, what is not closed is meant."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in NOT_FILTERS]
    if not any(name == "state" for name, _ in query):
        query.insert(0, ("state", "open"))
    return query


def as_of(text: str | None, now_ns: int) -> int:
    """Until when alerts were opened that a page shows, as its address says; now when it does not.

    Raises:
        RefusedError: it is no time.
    """
    if text is None:
        return now_ns
    if not text.isdecimal() or len(text) > len(str(now_ns)):
        raise RefusedError("this page's address is damaged; start again from the first page")
    return min(int(text), now_ns)


def _view(
    found: Found,
    query: list[tuple[str, str]],
    until: int,
    after: str | None,
    *,
    health: Health,
    registry: Registry,
    user: str,
    reader: Reader,
) -> QueueView:
    page = [("after", after)] if after else []
    rows = tuple(
        AlertRow.of(alert, registry, reader, found.behind.get(alert.id, 0), found.incidents.get(alert.id))
        for alert in found.page.alerts
    )
    shown = reader.text(
        "{shown} trong {number} cảnh báo",
        count=found.total,
        shown=reader.number(len(rows)),
        number=reader.number(found.total),
    )
    fresh = reader.number(found.fresh)
    filters = [(name, value) for name, value in query if value or name == "state"]
    following = at("/alerts", [*filters, ("after", found.page.after)]) if found.page.after else ""
    return QueueView(
        rows=rows,
        shown=shown,
        tabs=views.tabs(filters, user, found.counts, reader),
        selects=views.selects(filters, reader),
        chips=views.chips(filters, registry, reader),
        text=dict(filters).get("text", ""),
        here=at("/alerts", [*filters, *page]),
        refresh=at("/alerts", [*filters, *page, ("as_of", str(until))]),
        news=reader.text("{number} cảnh báo mới", count=found.fresh, number=fresh) if found.fresh else "",
        following=following,
        first=at("/alerts", filters) if after else "",
        health=health,
        any_alerts=found.any_alerts,
        number=found.total,
        until=until,
        filters=urlencode(filters),
        every=views.every(found.total, len(rows), reader),
    )
