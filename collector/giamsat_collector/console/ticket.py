# SPDX-License-Identifier: Apache-2.0
"""The token of a session on its way: out of a request's cookie, and a new one into its answer, whatever that is."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response

from giamsat_collector.console.hardening import App, Message, Receive, Scope, Send

COOKIE: Final = "__Host-gs"
_FRESH: Final = "fresh_ticket"
_SET_COOKIE: Final = b"set-cookie"


def held(request: Request) -> str:
    """The token a request is served with: the new one, once it got one; empty when it has none."""
    return getattr(request.state, _FRESH, "") or request.cookies.get(COOKIE, "")


def hand_over(request: Request, token: str) -> None:
    """Have the browser use this token from the answer on, also where that is an error."""
    setattr(request.state, _FRESH, token)


class Handing:
    """Wraps the application: an answer carries the token that was handed over."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def send_with_token(message: Message) -> None:
            fresh = scope.get("state", {}).get(_FRESH)
            if fresh and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_cookie(fresh)]
            await send(message)

        await self._app(scope, receive, send_with_token)


def set_cookie(response: Response, cookie: Mapping[str, str], max_age: int | None = None) -> None:
    """Set cookies that scripts cannot read and other sites cannot use."""
    for name, value in cookie.items():
        response.set_cookie(name, value, max_age=max_age, secure=True, httponly=True, samesite="strict", path="/")


def _cookie(token: str) -> list[tuple[bytes, bytes]]:
    response = Response()
    set_cookie(response, {COOKIE: token})
    return [(name, value) for name, value in response.raw_headers if name == _SET_COOKIE]
