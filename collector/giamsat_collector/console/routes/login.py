# SPDX-License-Identifier: Apache-2.0
"""Logging in and out."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from giamsat_collector.console.authentication import Authentication, WaitError, WrongError, destination
from giamsat_collector.console.guard import Guard, fields_of
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.ticket import held


def router(authentication: Authentication, pages: Pages, guard: Guard) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/login")
    async def form(request: Request) -> Response:
        page, wrong = destination(request.query_params.get("next")), ""
        if await guard.session(request) is not None:
            # Sent here with a token that was replaced meanwhile, by another tab or by the first of two clicks.
            return RedirectResponse(page, 303)
        if held(request):
            wrong = pages.reader(request).text(
                "Phiên làm việc đã hết. Biểu mẫu vừa gửi, nếu có, chưa thay đổi gì: hãy đăng nhập rồi gửi lại."
            )
        return pages.page(request, "login", next=page, wrong=wrong, name="")

    @routes.post("/login")
    async def login(request: Request) -> Response:
        fields = await fields_of(request)
        name, password = (str(fields.get(field, "")) for field in ("name", "password"))
        page, text = destination(fields.get("next")), pages.reader(request).text
        try:
            user = await authentication.recognise(request, name, password)
        except WaitError as error:
            wrong = text("Đã thử quá nhiều lần. Hãy chờ {count} giây rồi thử lại.", count=error.seconds)
            response = pages.page(request, "login", status=429, next=page, wrong=wrong, name=name[:64])
            response.headers["Retry-After"] = str(error.seconds)
            return response
        except WrongError:
            wrong = text("Tên đăng nhập hoặc mật khẩu không đúng.")
            return pages.page(request, "login", status=401, next=page, wrong=wrong, name=name[:64])
        return await authentication.admit(request, user.name, page)

    @routes.post("/logout", dependencies=[Depends(guard.newcomer_act)])
    async def logout(request: Request) -> Response:
        return await authentication.dismiss(request)

    return routes
