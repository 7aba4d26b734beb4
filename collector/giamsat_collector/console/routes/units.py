# SPDX-License-Identifier: Apache-2.0
"""Where units are merged or end: a form that says first what will move, and carries out only what it has shown."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.console.views import units as views
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import fact_ledger, reform
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.preview import Preview, Seen
from giamsat_collector.registry.reform import Reform

TOLD: Final = 10
"""The newest entries of the registry's book that are shown."""
COMMAND: Final = "registry.import"
"""What the same is called on the command line, and by the rule that watches over it."""


def router(services: Services, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    async def show(
        request: Request,
        visitor: Session,
        said: Mapping[str, str],
        preview: Preview | None = None,
        *,
        status: int = 200,
        wrong: str = "",
    ) -> Response:
        book = await services.store.read(lambda rows: fact_ledger.told(rows, TOLD))
        done = bool(request.query_params.get("done"))
        view = views.view(said, preview or Preview(), book, services.registry, pages.reader(request), done=done)
        return pages.page(request, "units", status=status, visitor=visitor, view=view, wrong=wrong)

    @routes.get("/units")
    async def form(request: Request, visitor: Annotated[Session, Depends(guard.visitor)]) -> Response:
        return await show(request, visitor, {})

    @routes.post("/units")
    async def change(request: Request, act: Annotated[Act, Depends(guard.act)]) -> Response:
        said, reader = {name: act.text(name) for name in views.FIELDS}, pages.reader(request)
        wanted = _reform(said)
        try:
            units, files = reform.files(wanted, services.registry.units)
            preview = await services.amending.preview(files, units, wanted.effective)
        except RefusedError as error:
            wrong = reader.text("Không thực hiện được: {reason}", reason=reader.said(error.why))
            return await show(request, act.visitor, said, status=400, wrong=wrong)
        if act.text("action") != "change":
            return await show(request, act.visitor, said, preview, status=400 if preview.plan.problems else 200)
        try:
            by = _telling(act.visitor.user, wanted)
            await services.amending.carry_out(files, by, wanted.effective, Seen(units, act.text("seen")))
        except RefusedError:
            wrong = reader.text("Nội dung đã khác với lúc xem trước; hãy xem lại rồi thực hiện.")
            now = await services.amending.preview(files, units, wanted.effective)
            return await show(request, act.visitor, said, now, status=409, wrong=wrong)
        await services.administered(COMMAND, act.visitor.user)
        return RedirectResponse("/units?done=1", 303)

    return routes


def _telling(user: str, wanted: Reform) -> Telling:
    return Telling(user, f"{wanted.operation} {', '.join(wanted.units)} → {wanted.into or '—'}", wanted.document)


def _reform(said: Mapping[str, str]) -> Reform:
    return Reform(
        operation=said["operation"],
        units=tuple(filter(None, map(str.strip, said["units"].splitlines()))),
        into=said["into"].strip(),
        name=said["name"].strip(),
        effective=said["effective"].strip(),
        document=said["document"].strip(),
    )
