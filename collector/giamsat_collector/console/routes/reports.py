# SPDX-License-Identifier: Apache-2.0
"""Reports to take along: each is a file, made when it is asked for."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console.guard import Guard
from giamsat_collector.console.routes.incident import Number
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.reports.generator import Wanted

TYPES: Final = {
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

STIX: Final = "application/stix+json;version=2.1"


def router(services: Services, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/reports/form08.{format_}")
    async def form08(format_: str, _: Annotated[Session, Depends(guard.visitor)]) -> Response:
        return _file("form08", format_, await services.reports.form08("", None, Wanted(format_)))

    @routes.get("/reports/monitoring.{format_}")
    async def monitoring(format_: str, request: Request, _: Annotated[Session, Depends(guard.visitor)]) -> Response:
        now = datetime.fromtimestamp(services.clock.wall_ns() / 1e9, services.zone)
        half = request.query_params.get("half") or f"{now.year}-H{1 if now.month <= 6 else 2}"  # noqa: PLR2004 - June
        made = await services.reports.monitoring(half, Wanted(format_))
        return _file(f"monitoring-{half}", format_, made)

    @routes.get("/reports/unit.{format_}")
    async def unit(format_: str, request: Request, _: Annotated[Session, Depends(guard.visitor)]) -> Response:
        now = datetime.fromtimestamp(services.clock.wall_ns() / 1e9, services.zone)
        name, month = request.query_params.get("unit", ""), request.query_params.get("month") or f"{now:%Y-%m}"
        made = await services.reports.unit(name, month, Wanted(format_))
        return _file(f"unit-{name}-{month}", format_, made)

    @routes.get("/incidents/{number}/report-{report}.{format_}")
    async def incident(
        number: Number, report: str, format_: str, _: Annotated[Session, Depends(guard.visitor)]
    ) -> Response:
        made = await services.reports.incident(number, report, format_)
        return _file(f"incident-{number}-{report}", format_, made)

    @routes.get("/incidents/{number}/stix.json")
    async def bundle(number: Number, _: Annotated[Session, Depends(guard.visitor)]) -> Response:
        return _file(f"incident-{number}-stix", "json", await services.reports.bundle(number), STIX)

    return routes


def _file(name: str, format_: str, data: bytes, type_: str = "") -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format_}"', "Cache-Control": "no-store"}
    return Response(data, media_type=type_ or TYPES[format_], headers=headers)
