# SPDX-License-Identifier: Apache-2.0
"""One connection to what is checked: resolved, opened and encrypted with the time of each step, read within bounds.

Errors of sockets and TLS end here: outside they are CheckErrors that say which step failed.
"""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final, TypeAlias

import msgspec

from giamsat_agent.address import plain
from giamsat_agent.check import Run, UnreachableError, UntrustedError, WrongAnswerError, shorten
from giamsat_agent.check_settings import Encrypted, Imap, Smtp
from giamsat_agent.protocols import certificate

AT_ONCE: Final = 1 << 16
"""Bytes of an answer that are held at one time."""
ADDRESSES: Final = 4
"""Addresses of one name that are tried."""

Place: TypeAlias = tuple[socket.AddressFamily, tuple[Any, ...]]
"""An address as the socket module has it."""


class UnverifiedError(UntrustedError):
    """The certificate is there and does not hold: expired, of another name, or of an unknown authority."""


class Connection:
    """A connection that is open; what it cannot do it says as a CheckError."""

    connect_s = 0.0
    tls_s = 0.0

    def __init__(self, run: Run, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._run = run
        self._host = host
        self._reader = reader
        self._writer = writer

    async def encrypt(self, its: Encrypted) -> None:
        """Begin TLS and report what it turned out to be.

        Raises:
            UnverifiedError: there is a certificate, which is not to be trusted.
            UntrustedError: TLS did not come about.
        """
        context = certificate.trusting(its.ca_file, verify=its.verify)
        try:
            await self._writer.start_tls(context, server_hostname=its.server_name or self._host)
        except ssl.SSLCertVerificationError as error:
            raise UnverifiedError(f"the certificate is not to be trusted: {error.verify_message}") from error
        except (ssl.SSLError, OSError, ValueError) as error:
            raise UntrustedError(f"TLS did not come about: {_said(error)}") from error
        certificate.report(self._run, self._writer.get_extra_info("ssl_object"))

    async def send(self, data: bytes) -> None:
        """Say something."""
        with _read_errors():
            self._writer.write(data)
            await self._writer.drain()

    async def until(self, end: bytes) -> bytes:
        """What comes up to and with `end`.

        Raises:
            WrongAnswerError: more came without it than is held, or the connection ended.
        """
        with _read_errors():
            return await self._reader.readuntil(end)

    async def line(self) -> str:
        """The next line as text, without its end; errors as `until`."""
        return (await self.until(b"\n")).decode("utf-8", "replace").rstrip("\r\n")

    async def exactly(self, count: int) -> bytes:
        """As many bytes as that, AT_ONCE at most.

        Raises:
            WrongAnswerError: the connection ended, or that is too much.
        """
        if count > AT_ONCE:
            raise WrongAnswerError(f"it announces {count} bytes where at most {AT_ONCE} are taken")
        with _read_errors():
            return await self._reader.readexactly(count)

    async def some(self) -> bytes:
        """What has come, AT_ONCE at most; empty when it ended."""
        with _read_errors():
            return await self._reader.read(AT_ONCE)


Prepare: TypeAlias = Callable[[Connection], Awaitable[None]]
"""What is said in clear text before TLS begins."""


async def at_once(connection: Connection) -> None:
    """TLS begins with the first byte."""
    del connection


@contextlib.asynccontextmanager
async def opened(run: Run, host: str, port: int) -> AsyncIterator[Connection]:
    """A TCP connection while the context lasts; reports the time of resolving and the family of the address.

    Raises:
        UnreachableError: there is no such name, or nobody takes the connection.
    """
    places = await resolve(run, host, port)
    began_ns = run.clock.mono_ns()
    reader, writer = await _first(places)
    connection = Connection(run, host, reader, writer)
    connection.connect_s = run.seconds_since(began_ns)
    run.set("probe_ip_protocol", 4 if writer.get_extra_info("socket").family == socket.AF_INET else 6)
    try:
        yield connection
    finally:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def encrypted(
    run: Run, host: str, port: int, its: Encrypted, prepare: Prepare = at_once
) -> AsyncIterator[Connection]:
    """A connection that speaks TLS while the context lasts.

    A certificate that is not trusted is looked at all the same, on a second connection: its dates are what the
    administrator needs then.

    Raises:
        UnreachableError, UntrustedError: there is none.
    """
    try:
        async with opened(run, host, port) as connection:
            await prepare(connection)
            began_ns = run.clock.mono_ns()
            await connection.encrypt(its)
            connection.tls_s = run.seconds_since(began_ns)
            yield connection
    except UnverifiedError:
        async with opened(run, host, port) as connection:
            await prepare(connection)
            await connection.encrypt(msgspec.structs.replace(its, verify=False))
        raise


@contextlib.asynccontextmanager
async def greeted(
    run: Run, host: str, port: int, its: Imap | Smtp, *, greeting: Prepare, start: Prepare
) -> AsyncIterator[Connection]:
    """A connection on which the server's greeting was heard, with TLS as configured: none, at once, or once asked for.

    Raises:
        UnreachableError, UntrustedError: there is none.
    """

    async def asked(connection: Connection) -> None:
        await greeting(connection)
        await start(connection)

    if its.tls == "starttls":
        async with encrypted(run, host, port, its, asked) as connection:
            yield connection
        return
    async with encrypted(run, host, port, its) if its.tls == "immediate" else opened(run, host, port) as connection:
        await greeting(connection)
        yield connection


async def resolve(run: Run, host: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[Place]:
    """The addresses of a host in the order the system prefers; reports how long that took.

    Raises:
        UnreachableError: it has none.
    """
    began_ns = run.clock.mono_ns()
    if plain(host) is not None:
        found = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)
    else:
        try:
            found = await run.blocking(lambda: socket.getaddrinfo(host, port, type=kind))
        except (OSError, UnicodeError) as error:
            raise UnreachableError(f"{host} has no address: {_said(error)}") from error
    run.set("probe_dns_lookup_time_seconds", run.seconds_since(began_ns))
    return [(family, address) for family, _, _, _, address in found[:ADDRESSES]]


async def _first(places: list[Place]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The first that takes a connection."""
    problem = ""
    for family, address in places:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)  # noqa: FBT003 - so it is called
        try:
            await asyncio.get_running_loop().sock_connect(sock, address)
            return await asyncio.open_connection(sock=sock, limit=AT_ONCE)
        except OSError as error:
            sock.close()
            problem = f"{address[0]} port {address[1]}: {_said(error)}"
        except BaseException:
            sock.close()
            raise
    raise UnreachableError(problem)


@contextlib.contextmanager
def _read_errors() -> Iterator[None]:
    try:
        yield
    except asyncio.IncompleteReadError as error:
        raise WrongAnswerError(
            f"it closed the connection in the middle of its answer: {_quoted(error.partial)}"
        ) from error
    except asyncio.LimitOverrunError as error:
        raise WrongAnswerError(f"more than {AT_ONCE} bytes came without an end") from error
    except OSError as error:
        raise WrongAnswerError(f"the connection broke: {_said(error)}") from error


def _quoted(data: bytes) -> str:
    return repr(shorten(data[:80].decode("utf-8", "replace"))) if data else "nothing came"


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
