# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server: whether it answers a start of session, and with a login whether it answers `SELECT 1`.

The frontend/backend protocol 3.0 of the PostgreSQL manual. Passwords are proved by SCRAM-SHA-256; in clear text they
are said over verified TLS only, and MD5, which a listener could use, not at all.
"""

import contextlib
import secrets
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import CheckError, RefusedError, Run, UntrustedError, WrongAnswerError, shorten
from giamsat_agent.check_settings import Postgresql
from giamsat_agent.protocols import login, scram
from giamsat_agent.protocols.connection import Connection, encrypted, opened
from giamsat_agent.protocols.login import Login

PORT: Final = 5432
PROTOCOL: Final = 3 << 16
TLS_WANTED: Final = struct.pack("!II", 8, 80877103)
MESSAGES: Final = 200
"""Messages before the one that is waited for."""
AILING: Final = frozenset({"53300", "57P01", "57P02", "57P03"})
"""Refusals that say the server does not work: too many connections, shutting down, crashed, starting up."""
USER: Final = "giamsat"
OK, CLEAR, SASL, SASL_CONTINUE, SASL_FINAL = 0, 3, 10, 11, 12
MECHANISM: Final = b"SCRAM-SHA-256\0"


class PostgresqlCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Postgresql) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Begin a session; with a login finish it and ask something."""
        its = self._its
        who = await run.blocking(lambda: login.read(Path(its.credential_file))) if its.credential_file else None
        async with self._connected(run) as connection:
            user = who.user if who else USER
            told = f"user\0{user}\0database\0{its.database}\0application_name\0giamsat\0\0".encode()
            await connection.send(struct.pack("!II", len(told) + 8, PROTOCOL) + told)
            if who is None:
                await _alive(connection)
            else:
                await _log_in(connection, who, may_say=its.tls and its.verify)
                await _ask(connection)
            await connection.send(_message(b"X"))

    @contextlib.asynccontextmanager
    async def _connected(self, run: Run) -> AsyncIterator[Connection]:
        host, port = split(self._its.target, PORT)
        way = encrypted(run, host, port, self._its, _wanted) if self._its.tls else opened(run, host, port)
        async with way as connection:
            yield connection


async def _wanted(connection: Connection) -> None:
    await connection.send(TLS_WANTED)
    answer = await connection.exactly(1)
    if answer == b"N":
        raise UntrustedError("it does not speak TLS; switch it on there, or set tls = false")
    if answer != b"S":
        raise WrongAnswerError("it does not speak PostgreSQL's protocol")


async def _alive(connection: Connection) -> None:
    """Any answer of a server at work will do: what it wants to be told, or that it does not want us."""
    kind, content = await _heard(connection)
    if kind == b"E":
        code, reason = _refusal(content)
        if code in AILING:
            raise WrongAnswerError(reason)
    elif kind != b"R":
        raise WrongAnswerError("it does not speak PostgreSQL's protocol")


async def _log_in(connection: Connection, who: Login, *, may_say: bool) -> None:
    nonce = secrets.token_urlsafe(18)
    due = ""
    for _ in range(MESSAGES):
        method, said = await _asked(connection)
        if method == OK:
            return
        if method == CLEAR and may_say:
            await connection.send(_message(b"p", who.password.encode() + b"\0"))
        elif method == SASL and MECHANISM in said:
            opening = scram.first(nonce).encode()
            await connection.send(_message(b"p", MECHANISM + struct.pack("!I", len(opening)) + opening))
        elif method == SASL_CONTINUE:
            try:
                proof = scram.prove(who.password, nonce, said.decode())
            except ValueError as error:
                raise WrongAnswerError(str(error)) from error
            due = f"v={proof.server_signature}"
            await connection.send(_message(b"p", proof.message.encode()))
        elif method == SASL_FINAL:
            if not due or said.decode("latin-1") != due:
                raise UntrustedError("it cannot prove that it knows the password: it is another server")
        else:
            raise RefusedError(f"it asks for a login (kind {method}) that is not used here; give it scram-sha-256")
    raise WrongAnswerError("the login does not end")


async def _asked(connection: Connection) -> tuple[int, bytes]:
    """What kind of proof it asks for, and what it says with it."""
    kind, content = await _heard(connection)
    if kind == b"E":
        raise _refused(content)
    if kind != b"R" or len(content) < 4:  # noqa: PLR2004 - the number of the method
        raise WrongAnswerError("it does not speak PostgreSQL's protocol")
    return int.from_bytes(content[:4], "big"), content[4:]


async def _ask(connection: Connection) -> None:
    await connection.send(_message(b"Q", b"SELECT 1\0"))
    answered = False
    for _ in range(MESSAGES):
        kind, content = await _heard(connection)
        if kind == b"E":
            raise _refused(content)
        if kind == b"Z" and answered:
            return
        answered = answered or kind == b"D"
    raise WrongAnswerError("it does not answer SELECT 1")


async def _heard(connection: Connection) -> tuple[bytes, bytes]:
    head = await connection.exactly(5)
    length = int.from_bytes(head[1:], "big") - 4
    if length < 0 or not head[:1].isalpha():
        raise WrongAnswerError("it does not speak PostgreSQL's protocol")
    return head[:1], await connection.exactly(length)


def _refused(content: bytes) -> CheckError:
    code, reason = _refusal(content)
    return WrongAnswerError(reason) if code in AILING else RefusedError(reason)


def _refusal(content: bytes) -> tuple[str, str]:
    """The SQLSTATE and the sentence of an error."""
    parts = {part[:1]: part[1:].decode("utf-8", "replace") for part in content.split(b"\0") if part}
    code = parts.get(b"C", "")
    return code, shorten(f"{parts.get(b'M', 'it refuses')} (SQLSTATE {code})")


def _message(kind: bytes, content: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(content) + 4) + content
