# SPDX-License-Identifier: Apache-2.0
"""A MySQL or MariaDB server: whether it asks for a login, and with one whether it answers `SELECT 1`.

The client/server protocol 4.1 of the MySQL and MariaDB manuals. A server counts connections that end before a login
against the host they come from and locks it out after some, so that without a login of its own the check asks for one
and is glad to be refused. Passwords are proved (mysql_native_password, caching_sha2_password); in clear text they are
said over verified TLS only.
"""

import contextlib
import hashlib
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import CheckError, RefusedError, Run, UntrustedError, WrongAnswerError, shorten
from giamsat_agent.check_settings import Mysql
from giamsat_agent.protocols import login
from giamsat_agent.protocols.connection import Connection, encrypted, opened
from giamsat_agent.protocols.login import Login

PORT: Final = 3306
VERSION: Final = 10
PROTOCOL_41, WITH_DATABASE, TLS, TRANSACTIONS, SECURE, PLUGINS = 1 << 9, 1 << 3, 1 << 11, 1 << 13, 1 << 15, 1 << 19
OURS: Final = PROTOCOL_41 | TRANSACTIONS | SECURE | PLUGINS
UTF8: Final = 45
PACKETS: Final = 50
"""Packets before the one that is waited for."""
SALT: Final = 20
OK, MORE, SWITCH, ERROR = 0x00, 0x01, 0xFE, 0xFF
FAST, FULL = b"\x03", b"\x04"
QUIT, QUERY = b"\x01", b"\x03"
AILING: Final = frozenset({1040, 1041, 1053, 1129, 1203, 1226, 2013})
"""Refusals that say it does not work for anybody: too many connections, no memory, shutting down, this host locked out
for connections that failed, too many connections of this user, its quota used up, connection lost."""
USER: Final = "giamsat"
NATIVE, SHA2 = "mysql_native_password", "caching_sha2_password"
OTHER: Final = "it does not speak the protocol of MySQL"


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a server says first: what it is, what it can do, and the salt with which passwords are proved."""

    version: str
    can: int
    salt: bytes
    plugin: str


class MysqlCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Mysql) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Log in; with a login of its own ask something, too."""
        its = self._its
        who = await run.blocking(lambda: login.read(Path(its.credential_file))) if its.credential_file else None
        talk = _Talk(its, who or Login(USER, ""))
        async with self._connected(run, talk) as connection:
            run.set("giamsat_check_server_info", 1, version=talk.version)
            try:
                await talk.log_in(connection)
            except RefusedError:
                if who is not None:
                    raise
                return
            if who is not None:
                await talk.ask(connection)
            await talk.command(connection, QUIT)

    @contextlib.asynccontextmanager
    async def _connected(self, run: Run, talk: "_Talk") -> AsyncIterator[Connection]:
        host, port = split(self._its.target, PORT)
        if self._its.tls:
            async with encrypted(run, host, port, self._its, talk.greeted_and_tls_asked) as connection:
                yield connection
            return
        async with opened(run, host, port) as connection:
            await talk.greeted(connection)
            yield connection


class _Talk:
    """One conversation; packets are numbered within each exchange."""

    def __init__(self, its: Mysql, who: Login) -> None:
        self._its = its
        self._who = who
        self._greeting = Greeting("", 0, b"", "")
        self._number = 0

    @property
    def version(self) -> str:
        """What the server says it is."""
        return self._greeting.version

    async def greeted(self, connection: Connection) -> None:
        """Hear the greeting."""
        packet = await self._heard(connection)
        if packet[:1] == bytes([ERROR]):
            raise _refused(packet)
        self._greeting = parse_greeting(packet)

    async def greeted_and_tls_asked(self, connection: Connection) -> None:
        """Hear the greeting, then ask for TLS."""
        await self.greeted(connection)
        if not self._greeting.can & TLS:
            raise UntrustedError("it does not speak TLS; switch it on there, or set tls = false")
        await self._send(connection, self._opening())

    async def log_in(self, connection: Connection) -> None:
        """Prove the password, in the way the server asks for."""
        its, plugin, salt = self._its, self._greeting.plugin, self._greeting.salt
        if plugin not in {NATIVE, SHA2}:
            plugin = NATIVE
        proof = prove(plugin, self._who.password, salt)
        told = self._opening() + self._who.user.encode() + b"\0" + bytes([len(proof)]) + proof
        told += (its.database.encode() + b"\0" if its.database else b"") + plugin.encode() + b"\0"
        await self._send(connection, told)
        for _ in range(PACKETS):
            packet = await self._heard(connection)
            kind, content = packet[0], packet[1:]
            if kind == OK:
                return
            if kind == ERROR:
                raise _refused(packet)
            if kind == SWITCH:
                name, _, salt = content.partition(b"\0")
                plugin, salt = name.decode("latin-1"), salt[:SALT]
                if plugin not in {NATIVE, SHA2}:
                    raise RefusedError(
                        f"it asks for a login ({shorten(plugin)}) that is not used here; give it {NATIVE}"
                    )
                await self._send(connection, prove(plugin, self._who.password, salt))
            elif kind == MORE and content == FULL:
                if not (its.tls and its.verify):
                    raise UntrustedError("it wants the password itself, which is said over verified TLS only")
                await self._send(connection, self._who.password.encode() + b"\0")
            elif kind != MORE or content != FAST:
                raise WrongAnswerError(OTHER)
        raise WrongAnswerError("the login does not end")

    async def ask(self, connection: Connection) -> None:
        """Ask for one number: its columns, an end, its row, an end."""
        await self.command(connection, QUERY + b"SELECT 1")
        ends = 0
        for _ in range(PACKETS):
            packet = await self._heard(connection)
            if packet[0] == ERROR:
                raise _refused(packet)
            ends += packet[0] == SWITCH
            if ends == 2:  # noqa: PLR2004 - that of the columns, and that of the rows
                return
        raise WrongAnswerError("it does not answer SELECT 1")

    async def command(self, connection: Connection, content: bytes) -> None:
        """Say the first packet of another exchange."""
        self._number = 0
        await self._send(connection, content)

    async def _send(self, connection: Connection, content: bytes) -> None:
        await connection.send(struct.pack("<I", len(content))[:3] + bytes([self._number % 256]) + content)
        self._number += 1

    async def _heard(self, connection: Connection) -> bytes:
        head = await connection.exactly(4)
        self._number = head[3] + 1
        packet = await connection.exactly(int.from_bytes(head[:3], "little"))
        if not packet:
            raise WrongAnswerError(OTHER)
        return packet

    def _opening(self) -> bytes:
        """What a request for TLS and a login both begin with."""
        can = OURS | (TLS if self._its.tls else 0) | (WITH_DATABASE if self._its.database else 0)
        return struct.pack("<IIB23x", can, 1 << 16, UTF8)


def parse_greeting(packet: bytes) -> Greeting:
    """What stands in a server's first packet.

    Raises:
        WrongAnswerError: this is none.
    """
    try:
        end = packet.index(b"\0", 1)
        first, low, high, length = struct.unpack_from("<4x8sxH3xHB", packet, end + 1)
        rest = packet[end + 1 + 31 :]
        kept = max(13, length - 8)
        plugin = rest[kept:].partition(b"\0")[0].decode("latin-1")
    except (ValueError, struct.error) as error:
        raise WrongAnswerError(OTHER) from error
    can = low | high << 16
    if packet[0] != VERSION or not can & PROTOCOL_41:
        raise WrongAnswerError(OTHER)
    return Greeting(packet[1:end].decode("utf-8", "replace"), can, (first + rest[:kept])[:SALT], plugin)


def prove(plugin: str, password: str, salt: bytes) -> bytes:
    """The proof of a password that a salt asks for; an empty password has none."""
    if not password:
        return b""
    if plugin == SHA2:
        once = hashlib.sha256(password.encode()).digest()
        other = hashlib.sha256(hashlib.sha256(once).digest() + salt).digest()
    else:
        once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
        other = hashlib.sha1(salt + hashlib.sha1(once, usedforsecurity=False).digest(), usedforsecurity=False).digest()
    return bytes(ours ^ theirs for ours, theirs in zip(once, other, strict=True))


def _refused(packet: bytes) -> CheckError:
    """What an error packet says."""
    code, text = int.from_bytes(packet[1:3], "little"), packet[3:]
    if text[:1] == b"#":
        text = text[6:]
    reason = shorten(f"{text.decode('utf-8', 'replace')} (error {code})")
    return WrongAnswerError(reason) if code in AILING else RefusedError(reason)
