# SPDX-License-Identifier: Apache-2.0
"""A question in one datagram and the answer to it: asked again when it may have been lost, forged answers passed by."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import Final, TypeVar

from giamsat_agent.check import Run, UnreachableError
from giamsat_agent.protocols.connection import resolve

AGAIN_S: Final = 1.5
"""A question is asked again when nothing came for so long."""
WAITING: Final = 16
"""Datagrams that wait to be looked at; further ones are dropped."""

Answer = TypeVar("Answer")


class Line:
    """Datagrams to and from one place only: the socket is connected, so that the kernel drops those of others."""

    def __init__(self, transport: asyncio.DatagramTransport, heard: "asyncio.Queue[bytes | OSError]") -> None:
        self._transport = transport
        self._heard = heard

    async def ask(self, question: bytes, understand: Callable[[bytes], Answer | None]) -> Answer:
        """The first answer that `understand` takes for one; what it returns None for is passed by.

        Raises:
            UnreachableError: the host says that nobody listens there.
        """
        while True:
            self._transport.sendto(question)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    return await self._first(understand)

    async def _first(self, understand: Callable[[bytes], Answer | None]) -> Answer:
        while True:
            heard = await self._heard.get()
            if isinstance(heard, OSError):
                raise UnreachableError(f"nobody listens on that port: {heard.strerror or heard}") from heard
            if (answer := understand(heard)) is not None:
                return answer


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, heard: "asyncio.Queue[bytes | OSError]") -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr
        self._put(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError):
            self._put(exc)

    def _put(self, heard: bytes | OSError) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._heard.put_nowait(heard)


@contextlib.asynccontextmanager
async def line(run: Run, host: str, port: int) -> AsyncIterator[Line]:
    """A line to a host while the context lasts.

    Raises:
        UnreachableError: it has no address, or there is no way to it.
    """
    family, address = (await resolve(run, host, port, socket.SOCK_DGRAM))[0]
    heard: asyncio.Queue[bytes | OSError] = asyncio.Queue(WAITING)
    try:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Protocol(heard), remote_addr=(address[0], address[1]), family=family
        )
    except OSError as error:
        raise UnreachableError(f"{address[0]}: {error.strerror or error}") from error
    run.set("probe_ip_protocol", 4 if family == socket.AF_INET else 6)
    try:
        yield Line(transport, heard)
    finally:
        transport.abort()
