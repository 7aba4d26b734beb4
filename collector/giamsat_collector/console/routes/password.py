# SPDX-License-Identifier: Apache-2.0
"""Choosing a password: the only page a first-login secret opens, and where anybody changes theirs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from giamsat_collector.console import users
from giamsat_collector.console.authentication import HOME, Authentication, WaitError, WrongError
from giamsat_collector.console.guard import Act, Guard
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.passwords import weakness
from giamsat_collector.console.services import Services
from giamsat_collector.console.sessions import Session


def router(services: Services, authentication: Authentication, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    def form(request: Request, visitor: Session, wrong: str = "", status: int = 200) -> Response:
        return pages.page(request, "password", status=status, visitor=visitor, wrong=wrong, first=visitor.must_choose)

    @routes.get("/password")
    async def ask(request: Request, visitor: Annotated[Session, Depends(guard.newcomer)]) -> Response:
        return form(request, visitor)

    @routes.post("/password")
    async def choose(request: Request, act: Annotated[Act, Depends(guard.newcomer_act)]) -> Response:
        visitor, password, text = act.visitor, act.text("password"), pages.reader(request).text
        reason = weakness(password, visitor.user)
        if password != act.text("again"):
            reason = "Hai lần nhập mật khẩu không giống nhau."
        if reason is not None:
            return form(request, visitor, text(reason), 400)
        try:
            user = await authentication.recognise(request, visitor.user, act.text("current"))
        except WaitError as error:
            wait = text("Đã thử quá nhiều lần. Hãy chờ {count} giây rồi thử lại.", count=error.seconds)
            return form(request, visitor, wait, 429)
        except WrongError:
            return form(request, visitor, text("Mật khẩu hiện tại không đúng."), 400)
        if password == act.text("current"):
            return form(request, visitor, text("Mật khẩu mới phải khác mật khẩu hiện tại."), 400)
        kept, now = await services.passwords.keep(password), services.clock.wall_ns()
        await services.store.write(lambda rows: users.choose_password(rows, user.name, kept, now))
        return await authentication.admit(request, user.name, HOME)

    return routes
