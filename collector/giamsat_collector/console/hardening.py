# SPDX-License-Identifier: Apache-2.0
"""What holds for every request and every answer, errors included, before any route is asked."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Refuse: TypeAlias = Callable[[Scope, int, str], App]
"""Makes the answer to a request that no route is asked about: its status, and why."""

BODY_BYTES: Final = 64 << 10
"""The largest request body: a note has at most 4,000 characters."""
HEADERS: Final = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    b"strict-transport-security": b"max-age=31536000; includeSubDomains",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cache-control": b"no-store",
}
"""An answer keeps a header of these that it sets itself."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Hardened:
    """Wraps the application: headers on every answer, bounded bodies, and no change asked for by another site."""

    def __init__(self, app: App, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_headers(message.get("headers", ()))
            await send(message)

        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] not in _SAFE and not from_here(headers):
            answer = self._refuse(scope, 403, "this request came from another site; open the console and try there")
            await answer(scope, receive, send_hardened)
            return
        if not _length_allowed(headers):
            answer = self._refuse(scope, 413, f"the request is larger than {BODY_BYTES} bytes")
            await answer(scope, receive, send_hardened)
            return
        await self._app(scope, _bounded(receive), send_hardened)


def from_here(headers: MutableMapping[bytes, str]) -> bool:
    """Whether a browser says that a page of ours made the request; Origin decides where it says nothing else."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(headers.get(b"origin", "")).netloc == headers.get(b"host", " ")


def _with_headers(own: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in own if name.lower() != b"server"]
    names = {name.lower() for name, _ in kept}
    return kept + [(name, value) for name, value in HEADERS.items() if name not in names]


def _length_allowed(headers: MutableMapping[bytes, str]) -> bool:
    length = headers.get(b"content-length", "0")
    return length.isdecimal() and int(length[:20]) <= BODY_BYTES


def _bounded(receive: Receive) -> Receive:
    """A body whose length nobody announced ends, as if the sender were gone, where it becomes too long."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return message if taken <= BODY_BYTES else {"type": "http.disconnect"}

    return bounded
