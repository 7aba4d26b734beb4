# SPDX-License-Identifier: Apache-2.0
"""A page at a URL: its status, its text, where it redirects to, its certificate, and how long each step took.

HTTP/1.1, one connection for each request. The answer is read as it comes and not kept, BODY_MOST bytes of it at most.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from giamsat_agent.check import Run, WrongAnswerError, shorten
from giamsat_agent.check_settings import Http
from giamsat_agent.protocols.connection import Connection, encrypted, opened

BODY_MOST: Final = 1 << 20
"""Bytes of a page that are looked at."""
INTERIM: Final = 5
"""Answers of the kind 1xx before the one that counts."""
PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
PHASES: Final = ("resolve", "connect", "tls", "processing", "transfer")
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
WITHOUT_BODY: Final = frozenset({204, 304})
AGENT: Final = "giamsat-agent"
_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/(1\.[01]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an answer; header names in lower case, the first of each."""

    version: str
    status: int
    headers: Mapping[str, str]

    @property
    def length(self) -> int:
        """How many bytes it announces; -1 when it does not say, as in blackbox_exporter."""
        said = self.headers.get("content-length", "")
        return int(said) if said.isascii() and said.isdecimal() and len(said) < len(str(1 << 63)) else -1


@dataclass(slots=True)
class Page:
    """What was read of a page: its bytes, and which of the texts that are looked for it has."""

    length: int = 0
    seen: set[str] = field(default_factory=set)


class HttpCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Http) -> None:
        self._its = its
        self._hosts = {urlsplit(its.target).hostname, *its.redirect_hosts}

    async def run(self, run: Run) -> None:
        """Ask for the page, follow where it leads, and judge what comes in the end."""
        url = urlsplit(self._its.target)
        spent = dict.fromkeys(PHASES, 0.0)
        for followed in range(self._its.redirects + 1):
            run.set("probe_http_redirects", followed)
            further = await self._ask(run, url, spent)
            if further is None:
                return
            url = self._allowed(url, further)
        raise WrongAnswerError(f"more than {self._its.redirects} redirects, the last one to {shorten(url.geturl())}")

    async def _ask(self, run: Run, url: SplitResult, spent: dict[str, float]) -> str | None:
        """One request; returns where it redirects to, if it does."""
        run.set("probe_http_ssl", float(url.scheme == "https"))
        before_ns = run.clock.mono_ns()
        async with self._connected(run, url) as connection:
            spent["connect"] += connection.connect_s
            spent["tls"] += connection.tls_s
            spent["resolve"] += max(0.0, run.seconds_since(before_ns) - connection.connect_s - connection.tls_s)
            asked_ns = run.clock.mono_ns()
            await connection.send(request(url))
            head = await _head(connection)
            spent["processing"] += run.seconds_since(asked_ns)
            _report(run, head)
            moved = head.headers.get("location") if head.status in REDIRECTS and self._its.redirects else None
            began_ns = run.clock.mono_ns()
            page = Page() if moved is not None else await _read(connection, head, self._its)
            spent["transfer"] += run.seconds_since(began_ns)
            for phase, seconds in spent.items():
                run.set("probe_http_duration_seconds", round(seconds, 4), phase=phase)
        if moved is None:
            run.set("probe_http_uncompressed_body_length", page.length)
            self._judge(run, head, page)
        return moved

    @contextlib.asynccontextmanager
    async def _connected(self, run: Run, url: SplitResult) -> AsyncIterator[Connection]:
        host, port = url.hostname or "", url.port or PORTS[url.scheme]
        way = encrypted(run, host, port, self._its) if url.scheme == "https" else opened(run, host, port)
        async with way as connection:
            yield connection

    def _allowed(self, url: SplitResult, location: str) -> SplitResult:
        """Where a redirect leads, if it may lead there: only hosts of the configuration are asked anything."""
        shown = shorten(location)
        try:
            further = urlsplit(urljoin(url.geturl(), location.encode("ascii").decode("ascii")))
            host, scheme = further.hostname, further.scheme
            port = further.port
        except ValueError as error:
            raise WrongAnswerError(f"it redirects to {shown!r}, which is no URL") from error
        if scheme not in PORTS or port == 0 or not further.geturl().isprintable() or " " in further.geturl():
            raise WrongAnswerError(f"it redirects to {shown!r}, which is no URL of a page")
        if host not in self._hosts:
            raise WrongAnswerError(
                f"it redirects to {shown!r}; to follow it there, put {shorten(str(host))!r} into redirect_hosts"
            )
        if url.scheme == "https" and scheme == "http":
            raise WrongAnswerError(f"it redirects from https to {shown!r}, which anybody on the way can read")
        return further

    def _judge(self, run: Run, head: Head, page: "Page") -> None:
        lacking = [text for text in self._its.body_has if text not in page.seen]
        present = [text for text in self._its.body_lacks if text in page.seen]
        if self._its.body_has or self._its.body_lacks:
            run.set("probe_failed_due_to_regex", float(bool(lacking or present)))
        if not (head.status in self._its.status if self._its.status else 200 <= head.status <= 299):  # noqa: PLR2004
            wanted = ", ".join(map(str, self._its.status)) or "2xx"
            raise WrongAnswerError(f"it answers with status {head.status} in place of {wanted}")
        if lacking:
            raise WrongAnswerError(f"its page lacks the text {lacking[0]!r}")
        if present:
            raise WrongAnswerError(f"its page has the text {present[0]!r}")


def request(url: SplitResult) -> bytes:
    """The request for a URL."""
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return (
        f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\nUser-Agent: {AGENT}\r\n"
        "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"
    ).encode("ascii")


def parse_head(data: bytes) -> Head:
    """Understand the head of an answer.

    Raises:
        WrongAnswerError: it is not one of HTTP.
    """
    first, *lines = data.removesuffix(_END).split(b"\r\n")
    found = _STATUS.fullmatch(first)
    if found is None:
        raise WrongAnswerError(f"it does not speak HTTP; it begins with {shorten(first[:80].decode('latin-1'))!r}")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers.setdefault(name.strip().lower().decode("latin-1"), value.strip().decode("latin-1"))
    return Head(found[1].decode(), int(found[2]), headers)


async def _head(connection: Connection) -> Head:
    for _ in range(INTERIM):
        head = parse_head(await connection.until(_END))
        if head.status >= 200:  # noqa: PLR2004 - below it are interim answers (RFC 9110, 15.2)
            return head
    raise WrongAnswerError(f"more than {INTERIM} interim answers came, and no other")


def _report(run: Run, head: Head) -> None:
    run.set("probe_http_status_code", head.status)
    run.set("probe_http_version", float(head.version))
    run.set("probe_http_content_length", head.length)
    if modified := head.headers.get("last-modified"):
        with contextlib.suppress(ValueError, OverflowError):
            run.set("probe_http_last_modified_timestamp_seconds", parsedate_to_datetime(modified).timestamp())


async def _read(connection: Connection, head: Head, its: Http) -> Page:
    """Read the page up to its bound and note which of the texts it has."""
    wanted = {text: text.encode() for text in (*its.body_has, *its.body_lacks)}
    kept = max((len(each) for each in wanted.values()), default=1) - 1
    page, tail = Page(), b""
    async for piece in _body(connection, head):
        window = tail + piece
        page.seen.update(text for text, data in wanted.items() if data in window)
        tail = window[-kept:] if kept else b""
        page.length += len(piece)
        if page.length >= BODY_MOST:
            break
    return page


async def _body(connection: Connection, head: Head) -> AsyncIterator[bytes]:
    """The page, piece by piece (RFC 9112, 6.3)."""
    if head.status in WITHOUT_BODY:
        return
    if "chunked" in head.headers.get("transfer-encoding", "").lower():
        async for piece in _chunks(connection):
            yield piece
        return
    left = head.length if head.length >= 0 else BODY_MOST
    while left > 0:
        piece = await connection.some()
        if not piece and head.length >= 0:
            raise WrongAnswerError(f"its page ended {left} bytes before the length it announced")
        if not piece:
            return
        left -= len(piece)
        yield piece


async def _chunks(connection: Connection) -> AsyncIterator[bytes]:
    while True:
        line = await connection.until(b"\r\n")
        found = _CHUNK.fullmatch(line)
        if found is None:
            raise WrongAnswerError(f"a chunk of its page begins with {shorten(line[:40].decode('latin-1'))!r}")
        left = int(found[1], 16)
        if not left:
            return
        while left:
            piece = await connection.exactly(min(left, 1 << 14))
            left -= len(piece)
            yield piece
        await connection.until(b"\r\n")
