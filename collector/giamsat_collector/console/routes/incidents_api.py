# SPDX-License-Identifier: Apache-2.0
"""The JSON API of incidents: the same services, rights and steps as the pages, in the shapes of the command line."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request

from giamsat_collector.console.guard import CSRF_FIELD, PROOF_FIELD, Act, Guard
from giamsat_collector.console.routes.incident import CHANGES, Number, asked, named
from giamsat_collector.console.routes.incidents import states
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session
from giamsat_collector.incidents import shape
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.sentence import Sentence

_OPENING: Final = frozenset({CSRF_FIELD, PROOF_FIELD, "alerts", "reason"})
_MOVING: Final = frozenset(
    {CSRF_FIELD, PROOF_FIELD, "action", "note", "revision", "alerts", "report", "document", "at"}
)
"""What a JSON object holds beside fields of an incident."""


def router(services: Services, guard: Guard) -> APIRouter:
    """The routes below /api/v1/incidents."""
    routes = APIRouter(prefix="/api/v1/incidents")

    @routes.get("")
    async def every(request: Request, _: Annotated[Session, Depends(guard.visitor)]) -> dict[str, Any]:
        found = await services.incidents.listed(states(request.query_params.get("state", "open")))
        now_ns = services.clock.wall_ns()
        return {"incidents": [shape.as_json(one, now_ns) for one in found.rows], "more": found.more}

    @routes.get("/{number}")
    async def one(number: Number, _: Annotated[Session, Depends(guard.visitor)]) -> dict[str, Any]:
        return await whole(number)

    @routes.post("", status_code=201)
    async def open_(act: Annotated[Act, Depends(guard.act)]) -> dict[str, Any]:
        said = {name: value for name, value in act.fields.items() if name not in _OPENING}
        kept = await services.incidents.open(named(act), said, act.visitor.user, act.text("reason"))
        return await whole(kept.number)

    @routes.post("/{number}/moves")
    async def move(number: Number, act: Annotated[Act, Depends(guard.act)]) -> dict[str, Any]:
        possible = CHANGES.get(act.text("action"), ())
        wanted = asked(services, act, {name: act.fields[name] for name in possible if name in act.fields})
        for name in sorted(act.fields.keys() - _MOVING):
            names = Sentence("the fields are {names}", names=", ".join(possible) or "—")
            must_be_known(name, possible, Sentence("field"), names)
        await services.incidents.move(number, wanted)
        return await whole(number)

    async def whole(number: int) -> dict[str, Any]:
        return shape.as_full_json(await services.incidents.whole(number), services.clock.wall_ns())

    return routes
