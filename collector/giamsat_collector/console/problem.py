# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, as an answer: a page for people, problem+json for programs, and never how it went wrong inside."""

import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse

from giamsat_collector.alerts.ledger import UnknownAlertError
from giamsat_collector.alerts.lifecycle import ConflictError
from giamsat_collector.console.guard import (
    CSRF_FIELD,
    ForgedError,
    LoginNeededError,
    PasswordNeededError,
    ProofNeededError,
    RoleNeededError,
)
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.sessions import LIVE
from giamsat_collector.errors import RefusedError, StoreError

log = structlog.get_logger()

Handler: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]

STATUS: Final = {
    LoginNeededError: 401,
    PasswordNeededError: 403,
    ForgedError: 403,
    RoleNeededError: 403,
    ProofNeededError: 403,
    UnknownAlertError: 404,
    ConflictError: 409,
    RefusedError: 400,
    StoreError: 503,
    RequestValidationError: 400,
}
SENTENCES: Final = {
    400: "Yêu cầu không hợp lệ.",
    401: "Cần đăng nhập.",
    403: "Yêu cầu bị từ chối: biểu mẫu không còn thuộc phiên làm việc này. Hãy mở lại trang rồi thử lại.",
    404: "Không có trang hoặc cảnh báo này.",
    405: "Không thể làm việc này ở địa chỉ này.",
    409: "Cảnh báo đã được người khác thay đổi. Hãy xem lại trước khi quyết định.",
    500: "Có lỗi bên trong hệ thống. Lỗi đã được ghi lại với mã dưới đây.",
    503: "Cơ sở dữ liệu tạm thời không dùng được. Hãy thử lại sau ít phút.",
}


def answer_problems(app: FastAPI, pages: Pages) -> None:
    """Have the application answer every error this way."""

    def answer(status: int, said: Callable[[Exception], str]) -> Handler:
        async def handle(request: Request, error: Exception) -> Response:
            return _answer(pages, request, status, said(error))

        return handle

    for kind, status in STATUS.items():
        app.add_exception_handler(kind, answer(status, _words))
    for status in (404, 405):
        app.add_exception_handler(status, answer(status, lambda _: ""))
    app.add_exception_handler(LoginNeededError, _to("/login"))
    app.add_exception_handler(PasswordNeededError, _to("/password"))

    async def not_theirs(request: Request, error: Exception) -> Response:
        names = ", ".join(error.administrators) if isinstance(error, RoleNeededError) else ""
        sentence = pages.reader(request).text("Việc này chỉ quản trị viên được làm. Hãy nhờ: {names}.", names=names)
        return _answer(pages, request, 403, str(error) if _for_programs(request) else "", sentence)

    app.add_exception_handler(RoleNeededError, not_theirs)
    app.add_exception_handler(ProofNeededError, _asked_again(pages))

    async def failed(request: Request, error: Exception) -> Response:
        incident = secrets.token_hex(4)
        log.error("request_failed", incident=incident, path=request.url.path, exc_info=error)
        return _answer(pages, request, 500, incident)

    app.add_exception_handler(Exception, failed)


def _asked_again(pages: Pages) -> Handler:
    """A page that asks for the password and carries everything of the form that was sent, which then goes on."""

    async def handle(request: Request, error: Exception) -> Response:
        if not isinstance(error, ProofNeededError) or _for_programs(request):
            return _problem(403, str(error))
        text, wrong, status = pages.reader(request).text, "", 403
        if error.wait_s:
            wrong = text("Đã thử quá nhiều lần. Hãy chờ {count} giây rồi thử lại.", count=error.wait_s)
            status = 429
        elif error.wrong:
            wrong = text("Mật khẩu không đúng.")
        carried = [(name, error.act.text(name)) for name in error.act.fields if name != CSRF_FIELD]
        address, back = request.url.path, f"/{request.url.path.split('/')[1]}"
        response = pages.page(
            request,
            "again",
            status=status,
            visitor=error.act.visitor,
            address=address,
            back=back,
            carried=carried,
            wrong=wrong,
        )
        if error.wait_s:
            response.headers["Retry-After"] = str(error.wait_s)
        return response

    return handle


def _words(error: Exception) -> str:
    return "" if isinstance(error, RequestValidationError | ForgedError | StoreError) else str(error)


def _answer(pages: Pages, request: Request, status: int, detail: str, sentence: str = "") -> Response:
    if _for_programs(request):
        return _problem(status, detail)
    sentence = sentence or pages.reader(request).text(SENTENCES[status])
    return pages.page(request, "error", status=status, number=status, sentence=sentence, detail=detail)


def _to(page: str) -> Handler:
    """Send people to a page first; programs are told, and a page that refreshes itself is made to load anew."""

    async def handle(request: Request, error: Exception) -> Response:
        if _for_programs(request):
            status = STATUS[LoginNeededError if isinstance(error, LoginNeededError) else PasswordNeededError]
            return _problem(status, str(error))
        if LIVE in request.headers:
            return Response(status_code=401, headers={"HX-Refresh": "true"})
        wanted = request.url.path if not request.url.query else f"{request.url.path}?{request.url.query}"
        back = f"?next={quote(wanted, safe='')}" if request.method == "GET" and wanted != "/" else ""
        return RedirectResponse(page + back, 303)

    return handle


def _problem(status: int, detail: str) -> Response:
    """An error as RFC 9457 has it."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def _for_programs(request: Request) -> bool:
    return request.url.path.startswith("/api/")
