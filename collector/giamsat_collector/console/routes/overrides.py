# SPDX-License-Identifier: Apache-2.0
"""The register of overrides: who is judged by other numbers than the level's, by which document, until when."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views.overrides import OverrideRow
from giamsat_collector.rulebook.register import entries


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/overrides")
    async def overrides(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        reader, standards, registry = pages.reader(request), services.standards(), services.registry
        found = entries(standards, registry, reader.now_ns)
        rows = tuple(OverrideRow.of_entry(entry, standards, registry, reader) for entry in found)
        return pages.page(request, "overrides", visitor=visitor, rows=rows)

    return routes
