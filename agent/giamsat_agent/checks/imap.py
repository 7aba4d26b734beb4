# SPDX-License-Identifier: Apache-2.0
"""A mailbox server: its greeting, and TLS as IMAP begins it (RFC 9051). Nobody logs in."""

from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import RefusedError, Run, WrongAnswerError, shorten
from giamsat_agent.check_settings import Imap
from giamsat_agent.protocols.connection import Connection, greeted

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
        async with greeted(run, host, port, its, greeting=_greeting, start=_start) as connection:
            await _said(connection, "a2", "LOGOUT")


async def _start(connection: Connection) -> None:
    await _said(connection, "a1", "STARTTLS")


async def _greeting(connection: Connection) -> None:
    line = await connection.line()
    if line.upper().startswith("* BYE"):
        raise RefusedError(f"it refuses: {shorten(line[:120])!r}")
    if not line.upper().startswith(("* OK", "* PREAUTH")):
        raise WrongAnswerError(f"it does not speak IMAP; it says {shorten(line[:80])!r}")


async def _said(connection: Connection, tag: str, command: str) -> None:
    await connection.send(f"{tag} {command}\r\n".encode())
    for _ in range(LINES):
        line = await connection.line()
        if line.startswith(f"{tag} "):
            if not line.upper().startswith(f"{tag.upper()} OK"):
                raise RefusedError(f"it answers {shorten(line[:120])!r} to {command}")
            return
    raise WrongAnswerError(f"more than {LINES} lines came after {command}")
