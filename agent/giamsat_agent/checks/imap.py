# SPDX-License-Identifier: Apache-2.0
"""A mailbox server: its greeting, and TLS as IMAP begins it (RFC 9051). Nobody logs in."""

from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import RefusedError, Run, WrongAnswerError, shorten
from giamsat_agent.check_settings import Imap
from giamsat_agent.connection import Connection, encrypted, opened

PORTS: Final = {"none": 143, "starttls": 143, "immediate": 993}
LINES: Final = 100
"""Lines of one answer that are taken."""


class ImapCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Imap) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Be greeted, encrypt if that is configured, and take leave."""
        its = self._its
        host, port = split(its.target, PORTS[its.tls])
        if its.tls == "starttls":
            way = encrypted(run, host, port, its, _start)
        else:
            way = encrypted(run, host, port, its) if its.tls == "immediate" else opened(run, host, port)
        async with way as connection:
            if its.tls != "starttls":
                await _greeted(connection)
            await _said(connection, "a2", "LOGOUT")


async def _start(connection: Connection) -> None:
    await _greeted(connection)
    await _said(connection, "a1", "STARTTLS")


async def _greeted(connection: Connection) -> None:
    line = await _line(connection)
    if line.upper().startswith("* BYE"):
        raise RefusedError(f"it refuses: {shorten(line[:120])!r}")
    if not line.upper().startswith(("* OK", "* PREAUTH")):
        raise WrongAnswerError(f"it does not speak IMAP; it says {shorten(line[:80])!r}")


async def _said(connection: Connection, tag: str, command: str) -> None:
    await connection.send(f"{tag} {command}\r\n".encode())
    for _ in range(LINES):
        line = await _line(connection)
        if line.startswith(f"{tag} "):
            if not line.upper().startswith(f"{tag.upper()} OK"):
                raise RefusedError(f"it answers {shorten(line[:120])!r} to {command}")
            return
    raise WrongAnswerError(f"more than {LINES} lines came after {command}")


async def _line(connection: Connection) -> str:
    return (await connection.until(b"\n")).decode("utf-8", "replace").rstrip("\r\n")
