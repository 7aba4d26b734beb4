# SPDX-License-Identifier: Apache-2.0
"""A Microsoft SQL Server: whether it answers a pre-login (MS-TDS, 2.2.6.5). Nobody logs in.

The answer says that the service is up and takes sessions, and of which version it is; it does not say that a database
is online. For that, have the application answer an http check that asks its database.
"""

import struct
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import Run, UntrustedError, WrongAnswerError
from giamsat_agent.check_settings import Sqlserver
from giamsat_agent.connection import Connection, opened

PORT: Final = 1433
PRELOGIN, REPLY, LAST = 0x12, 0x04, 0x01
HEAD: Final = 8
VERSION, ENCRYPTION, INSTANCE, THREAD, END = 0x00, 0x01, 0x02, 0x03, 0xFF
OFF, ON, UNSUPPORTED, REQUIRED = range(4)
OPTIONS: Final = 32
VERSION_BYTES: Final = 6
OTHER: Final = "it does not speak the protocol of SQL Server"


class SqlserverCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Sqlserver) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Say that a login follows, and hear what it may look like."""
        host, port = split(self._its.target, PORT)
        async with opened(run, host, port) as connection:
            await connection.send(prelogin())
            version, encryption = parse_prelogin(await _message(connection))
        run.set("giamsat_check_server_info", 1, version=version)
        if self._its.tls and encryption == UNSUPPORTED:
            raise UntrustedError("it does not speak TLS; give it a certificate, or set tls = false")


def prelogin() -> bytes:
    """The packet a client begins with: it can speak TLS, and names no instance."""
    values = ((VERSION, bytes(VERSION_BYTES)), (ENCRYPTION, bytes([OFF])), (INSTANCE, b"\0"), (THREAD, bytes(4)))
    at, heads, content = 5 * len(values) + 1, b"", b""
    for token, value in values:
        heads += struct.pack("!BHH", token, at + len(content), len(value))
        content += value
    told = heads + bytes([END]) + content
    return struct.pack("!BBHHBB", PRELOGIN, LAST, HEAD + len(told), 0, 1, 0) + told


def parse_prelogin(message: bytes) -> tuple[str, int]:
    """The server's version, and how it stands to encryption.

    Raises:
        WrongAnswerError: this is no answer to a pre-login.
    """
    found: dict[int, bytes] = {}
    at = 0
    try:
        for _ in range(OPTIONS):
            if message[at] == END:
                break
            token, offset, length = struct.unpack_from("!BHH", message, at)
            found[token] = message[offset : offset + length]
            at += 5
        major, minor, build = struct.unpack_from("!BBH", found[VERSION])
        return f"{major}.{minor}.{build}", found[ENCRYPTION][0]
    except (IndexError, KeyError, struct.error) as error:
        raise WrongAnswerError(OTHER) from error


async def _message(connection: Connection) -> bytes:
    kind, _, length = struct.unpack("!BBH4x", await connection.exactly(HEAD))
    if kind != REPLY or length < HEAD:
        raise WrongAnswerError(OTHER)
    return await connection.exactly(length - HEAD)
