# SPDX-License-Identifier: Apache-2.0
"""A mail server: its greeting, EHLO, and TLS as mail servers begin it (RFC 5321, RFC 3207). No mail is sent."""

import socket
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import RefusedError, Run, WrongAnswerError, shorten
from giamsat_agent.check_settings import Smtp
from giamsat_agent.protocols.connection import Connection, greeted

PORTS: Final = {"none": 25, "starttls": 25, "immediate": 465}
LINES: Final = 100
"""Lines of one answer that are taken."""


class SmtpCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Smtp) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Be greeted, greet, encrypt if that is configured, and take leave."""
        its = self._its
        host, port = split(its.target, PORTS[its.tls])
        async with greeted(run, host, port, its, greeting=_greeting, start=_start) as connection:
            await _said(connection, f"EHLO {_name()}", 250)
            await _said(connection, "QUIT", 221)


async def _greeting(connection: Connection) -> None:
    await _expect(connection, 220)


async def _start(connection: Connection) -> None:
    offered = await _said(connection, f"EHLO {_name()}", 250)
    if "STARTTLS" not in (line.upper() for line in offered):
        raise WrongAnswerError("it does not offer STARTTLS")
    await _said(connection, "STARTTLS", 220)


async def _said(connection: Connection, words: str, code: int) -> list[str]:
    await connection.send(f"{words}\r\n".encode("ascii", "replace"))
    return await _expect(connection, code)


async def _expect(connection: Connection, code: int) -> list[str]:
    """The lines of an answer that has this code."""
    lines: list[str] = []
    while len(lines) < LINES:
        line = await connection.line()
        if not line[:3].isdecimal() or line[3:4] not in {"", " ", "-"}:
            raise WrongAnswerError(f"it does not speak SMTP; it says {shorten(line[:80])!r}")
        if int(line[:3]) != code:
            kind = RefusedError if line[0] in "45" else WrongAnswerError
            raise kind(f"it answers {shorten(line[:120])!r} where {code} is due")
        lines.append(line[4:].strip())
        if line[3:4] != "-":
            return lines
    raise WrongAnswerError(f"one of its answers has more than {LINES} lines")


def _name() -> str:
    """Who we say we are: a host name, or an address literal when there is none that may be said."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "[127.0.0.1]"
