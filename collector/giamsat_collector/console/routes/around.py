# SPDX-License-Identifier: Apache-2.0
"""What else happened on the host of an alert about that time: its events as they are archived, and its other alerts."""

import asyncio
from collections.abc import Iterator
from itertools import chain, starmap
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.search import LARGEST_PAGE, Filter, search
from giamsat_collector.archive.around import Around, Span, around
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.around import MINUTES, AroundView
from giamsat_collector.errors import StoreError
from giamsat_collector.traffic import minute

MINUTE_NS: Final = 60 * 10**9
ARRIVED_NS: Final = 10 * MINUTE_NS
"""What happened in the span and arrived so long after it is found, too; or so long before or after a late alert."""


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    one_at_a_time = asyncio.Lock()

    @routes.get("/alerts/{alert_id}/around")
    async def page(request: Request, alert_id: str, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        reader, said = pages.reader(request), request.query_params.get("minutes", "")
        minutes = int(said) if said in map(str, MINUTES) else MINUTES[0]
        alert, others = await services.store.read(lambda rows: read(rows, alert_id, minutes))
        async with one_at_a_time:  # day files are read from their beginning
            found = await asyncio.to_thread(_archived, services, alert, minutes)
        view = AroundView.of(alert, found, others, services.registry, reader, minutes=minutes)
        return pages.page(request, "around", visitor=visitor, view=view)

    return routes


def read(connection: Connection, alert_id: str, minutes: int) -> tuple[Alert, tuple[Alert, ...]]:
    """An alert, and the others of its host that tell of something within so many minutes of its beginning.

    Raises:
        UnknownAlertError: there is none with this id.
    """
    alert = ledger.get(connection, alert_id)
    span = spanned(alert, minutes)
    near = Filter(asset=frozenset({alert.asset}), since=span.since_ns, until=span.until_ns)
    found = search(connection, near, limit=LARGEST_PAGE).alerts
    return alert, tuple(one for one in found if one.id != alert.id)


def spanned(alert: Alert, minutes: int) -> Span:
    """So many minutes before and after an alert began."""
    return Span(alert.first_ns - minutes * MINUTE_NS, alert.first_ns, alert.first_ns + minutes * MINUTE_NS)


def arrived(alert: Alert, span: Span) -> Iterator[tuple[int, int]]:
    """When what happened in a span may have arrived: soon, and of a host that was cut off with the alert itself."""
    soon_ns = span.until_ns + ARRIVED_NS
    yield span.since_ns, soon_ns
    if alert.late and alert.opened_ns + ARRIVED_NS > soon_ns:
        yield max(soon_ns, alert.opened_ns - ARRIVED_NS), alert.opened_ns + ARRIVED_NS


def _archived(services: Services, alert: Alert, minutes: int) -> Around:
    span = spanned(alert, minutes)
    try:
        frames = chain.from_iterable(starmap(services.archived, arrived(alert, span)))
        return around(frames, alert.asset, span, frozenset({minute.KIND}))
    except OSError as error:
        raise StoreError(f"the archive cannot be read: {error}") from error
