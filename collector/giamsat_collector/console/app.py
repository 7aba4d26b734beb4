# SPDX-License-Identifier: Apache-2.0
"""Puts the console together from what the collector hands it."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from giamsat_collector.console.authentication import Authentication
from giamsat_collector.console.guard import Guard
from giamsat_collector.console.hardening import Hardened
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.problem import answer_problems, refusing
from giamsat_collector.console.routes import (
    accounts,
    alert,
    api,
    around,
    availability,
    coverage,
    events,
    flows,
    handover,
    hide,
    host,
    hosts,
    incident,
    incidents,
    incidents_api,
    indicators,
    login,
    overrides,
    password,
    queue,
    reports,
    selection,
    sessions,
    sightings,
    sources,
    static,
    suppressions,
    tokens,
    units,
)
from giamsat_collector.console.services import Services
from giamsat_collector.console.theme import Theme
from giamsat_collector.console.ticket import Handing


def create_app(services: Services, theme: Theme, routers: Sequence[APIRouter] = ()) -> Hardened:
    """The ASGI application of the console's port; `routers` are served beside it, such as the pages for Prometheus."""
    pages = Pages(services, theme)
    authentication = Authentication(services)
    guard = Guard(services, authentication)
    app = FastAPI(title="giamsat", docs_url=None, redoc_url=None, openapi_url=None)
    answer_problems(app, pages, guard)
    for router in (
        *routers,
        static.router(theme.assets),
        login.router(authentication, pages, guard),
        password.router(services, authentication, pages, guard),
        queue.router(services, pages, guard),
        selection.router(services, pages, guard),
        alert.router(services, pages, guard),
        incidents.router(services, pages, guard),
        incidents_api.router(services, guard),
        incident.router(services, pages, guard),
        handover.router(services, pages, guard),
        hosts.router(services, pages, guard),
        units.router(services, pages, guard),
        coverage.router(services, pages, guard),
        sources.router(services, pages, guard),
        flows.router(services, pages, guard),
        indicators.router(services, pages, guard),
        sightings.router(services, pages, guard),
        overrides.router(services, pages, guard),
        suppressions.router(services, pages, guard),
        tokens.router(services, pages, guard),
        accounts.router(services, pages, guard),
        sessions.router(services, pages, guard),
        hide.router(services, pages, guard),
        around.router(services, pages, guard),
        availability.router(services, pages, guard),
        reports.router(services, guard),
        host.router(services, pages, guard),
        events.router(services, guard),
        api.router(services, guard),
    ):
        app.include_router(router)
    return Hardened(Handing(app), refusing(pages))
