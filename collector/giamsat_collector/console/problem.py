# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, as an answer: a page for people, problem+json for programs, and never how it went wrong inside."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse

from giamsat_collector.alerts.lifecycle import ConflictError
from giamsat_collector.console.guard import (
    CSRF_FIELD,
    ForgedError,
    Guard,
    LoginNeededError,
    PasswordNeededError,
    ProofNeededError,
    RoleNeededError,
    known,
)
from giamsat_collector.console.hardening import App, Refuse, Scope
from giamsat_collector.console.pages import Pages
from giamsat_collector.console.sessions import LIVE
from giamsat_collector.errors import RefusedError, StoreError, UnknownError

log = structlog.get_logger()

Handler: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]

STATUS: Final = {
    LoginNeededError: 401,
    PasswordNeededError: 403,
    ForgedError: 403,
    RoleNeededError: 403,
    ProofNeededError: 403,
    UnknownError: 404,
    ConflictError: 409,
    RefusedError: 400,
    StoreError: 503,
    RequestValidationError: 400,
}
SENTENCES: Final = {
    400: ("Yêu cầu không hợp lệ.", "Địa chỉ hoặc biểu mẫu có giá trị không dùng được. Hãy mở lại trang rồi chọn lại."),
    401: ("Cần đăng nhập.", "Hãy đăng nhập rồi thử lại."),
    403: ("Biểu mẫu không còn thuộc phiên làm việc này.", "Chưa có gì được thay đổi. Hãy mở lại trang rồi gửi lại."),
    404: ("Không có trang này.", "Địa chỉ có thể viết sai, hoặc thứ được hỏi không còn. Hãy tìm từ một danh sách."),
    405: ("Không thể làm việc này ở địa chỉ này.", "Hãy mở lại trang và dùng nút ở đó."),
    409: (
        "Cảnh báo đã được người khác thay đổi.",
        "Chưa có gì được thay đổi. Hãy xem lại rồi quyết định.",
    ),
    413: ("Yêu cầu quá lớn.", "Chưa có gì được thay đổi. Hãy gửi ít hơn, ghi chú ngắn hơn."),
    500: (
        "Có lỗi bên trong hệ thống.",
        "Hãy thử lại. Nếu vẫn lỗi, hãy báo quản trị viên mã dưới đây, có trong nhật ký.",
    ),
    503: ("Cơ sở dữ liệu tạm thời không dùng được.", "Hãy thử lại sau ít phút. Nếu vẫn vậy, hãy báo quản trị viên."),
}
"""What is wrong, and what to do next."""
ELSEWHERE: Final = "Yêu cầu đến từ một trang khác.", "Chưa có gì được thay đổi. Hãy làm việc đó trên trang của giamsat."
AGAIN: Final = frozenset({500, 503})
"""What may be over when the same page is asked for again."""


def answer_problems(app: FastAPI, pages: Pages, guard: Guard) -> None:
    """Have the application answer every error this way."""

    def answer(status: int, said: Callable[[Exception], str]) -> Handler:
        async def handle(request: Request, error: Exception) -> Response:
            return _answer(pages, request, status, said(error))

        return handle

    def no_route(status: int) -> Handler:
        async def handle(request: Request, _: Exception) -> Response:
            # No route asked who this is; everybody else's session stands in the request.
            with suppress(StoreError):
                await guard.session(request)
            return _answer(pages, request, status, "")

        return handle

    for kind, status in STATUS.items():
        app.add_exception_handler(kind, answer(status, _words))
    for status in (404, 405):
        app.add_exception_handler(status, no_route(status))
    app.add_exception_handler(LoginNeededError, _to(pages, "/login", SENTENCES[401]))
    choose = "Cần chọn mật khẩu trước.", "Hãy đăng nhập bằng trình duyệt và chọn mật khẩu."
    app.add_exception_handler(PasswordNeededError, _to(pages, "/password", choose))

    async def not_theirs(request: Request, error: Exception) -> Response:
        names = ", ".join(error.administrators) if isinstance(error, RoleNeededError) else ""
        told = "Việc này chỉ quản trị viên được làm.", "Hãy nhờ: {names}."
        return _answer(pages, request, 403, str(error) if _for_programs(request) else "", told, names=names)

    app.add_exception_handler(RoleNeededError, not_theirs)
    app.add_exception_handler(ProofNeededError, _asked_again(pages))

    async def failed(request: Request, error: Exception) -> Response:
        incident = secrets.token_hex(4)
        log.error("request_failed", incident=incident, path=request.url.path, exc_info=error)
        return _answer(pages, request, 500, incident)

    app.add_exception_handler(Exception, failed)


def refusing(pages: Pages) -> Refuse:
    """Answers what is refused before any route: nobody is looked for in the database."""

    def refuse(scope: Scope, status: int, reason: str) -> App:
        return _answer(pages, Request(scope), status, reason, ELSEWHERE if status == HTTPStatus.FORBIDDEN else None)

    return refuse


def _asked_again(pages: Pages) -> Handler:
    """A page that asks for the password and carries everything of the form that was sent, which then goes on."""

    async def handle(request: Request, error: Exception) -> Response:
        if not isinstance(error, ProofNeededError) or _for_programs(request):
            told = "Việc này cần mật khẩu của chính bạn.", "Hãy gửi lại cùng mật khẩu trong trường password."
            return _answer(pages, request, 403, str(error), told)
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
    """Why, as a person may read it; a refusal's is a sentence the reader's language may have."""
    if isinstance(error, RefusedError) and not isinstance(error, ForgedError):
        return error.why
    return "" if isinstance(error, RequestValidationError | ForgedError | StoreError) else str(error)


def _answer(
    pages: Pages, request: Request, status: int, detail: str, told: tuple[str, str] | None = None, **names: str
) -> Response:
    reader = pages.reader(request)
    what, step = told or SENTENCES[status]
    said = {"what": reader.text(what), "step": reader.text(step, **names)}
    if _for_programs(request):
        return _problem(status, detail, said)
    again = status in AGAIN and request.method == "GET"
    values = {"number": status, "detail": reader.said(detail), "again": again, **said}
    return pages.page(request, "error", status=status, visitor=known(request), **values)


def _to(pages: Pages, page: str, told: tuple[str, str]) -> Handler:
    """Send people to a page first; programs are told, and a page that refreshes itself is made to load anew."""

    async def handle(request: Request, error: Exception) -> Response:
        if _for_programs(request):
            status = STATUS[LoginNeededError if isinstance(error, LoginNeededError) else PasswordNeededError]
            return _answer(pages, request, status, str(error), told)
        if LIVE in request.headers:
            return Response(status_code=401, headers={"HX-Refresh": "true"})
        wanted = request.url.path if not request.url.query else f"{request.url.path}?{request.url.query}"
        if request.method != "GET":
            wanted = f"/{wanted.split('/')[1]}"
        back = f"?next={quote(wanted, safe='')}" if wanted != "/" else ""
        return RedirectResponse(page + back, 303)

    return handle


def _problem(status: int, detail: str, said: Mapping[str, str]) -> Response:
    """An error as RFC 9457 has it; what is wrong and what to do next stand beside it in the reader's language."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse({**body, **said}, status, media_type="application/problem+json")


def _for_programs(request: Request) -> bool:
    """Whether a program asks: by the API's addresses, or by wanting JSON and no page."""
    accepted = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("json" in accepted and "html" not in accepted)
