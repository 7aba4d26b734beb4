# SPDX-License-Identifier: Apache-2.0
"""A Microsoft SQL Server: whether it answers a pre-login, and with a login whether it answers `SELECT 1`.

Without a login its answer says that the service is up and takes sessions, and of which version it is; it does not say
that a database is online. A password is said over verified TLS only.
"""

import contextlib
import ssl
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent.address import split
from giamsat_agent.check import CheckError, RefusedError, Run, UntrustedError, WrongAnswerError, shorten
from giamsat_agent.check_settings import Sqlserver
from giamsat_agent.protocols import certificate, login, tds
from giamsat_agent.protocols.connection import AT_ONCE, Connection, UnverifiedError, opened
from giamsat_agent.protocols.login import Login
from giamsat_agent.protocols.tds import Refusal, TdsError

PORT: Final = 1433
ROUNDS: Final = 20
"""Messages of one TLS handshake."""
OTHER: Final = "it does not speak the protocol of SQL Server"
NO_TLS: Final = "it does not speak TLS; give it a certificate, or set tls = false"
AILING: Final = frozenset({4060, 6005, 17142, 17188, 17809, 18401, 40613})
"""Refusals that say that server or database do not work: not open, shutting down, paused, full, upgrading."""


class SqlserverCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Sqlserver) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Say that a login follows, and hear what it may look like; with a login follow it up."""
        its = self._its
        if not its.credential_file:
            async with self._begun(run, tds.OFF):
                return
        who = await run.blocking(lambda: login.read(Path(its.credential_file)))
        try:
            await self._ask(run, its, who)
        except UnverifiedError:
            # Its dates are what the administrator needs then.
            await self._ask(run, msgspec.structs.replace(its, credential_file="", verify=False), None)
            raise

    async def _ask(self, run: Run, its: Sqlserver, who: Login | None) -> None:
        """Encrypt, and log in as somebody."""
        async with self._begun(run, tds.ON) as (connection, host):
            sealed = Sealed(connection, its, host)
            await sealed.begin(run)
            if who is not None:
                await sealed.send(tds.packets(tds.LOGIN, tds.login(who.user, who.password, its.database)))
                await _heard(sealed, tds.ACKNOWLEDGED, "it does not say that the login is good")
                await sealed.send(tds.packets(tds.BATCH, tds.batch("SELECT 1")))
                await _heard(sealed, tds.COLUMNS, "it does not answer SELECT 1")

    @contextlib.asynccontextmanager
    async def _begun(self, run: Run, encryption: int) -> AsyncIterator[tuple[Connection, str]]:
        """A connection on which both ends have said how they stand to encryption, and the host's name."""
        host, port = split(self._its.target, PORT)
        async with opened(run, host, port) as connection:
            await connection.send(tds.packets(tds.PRELOGIN, tds.prelogin(encryption)))
            kind, said = await _message(connection)
            try:
                version, stands = tds.parse_prelogin(said)
            except TdsError as error:
                raise WrongAnswerError(OTHER) from error
            if kind != tds.REPLY:
                raise WrongAnswerError(OTHER)
            run.set("giamsat_check_server_info", 1, version=version)
            if self._its.tls and stands == tds.UNSUPPORTED:
                raise UntrustedError(NO_TLS)
            yield connection, host


class Sealed:
    """TLS that begins inside of packets (MS-TDS, 3.2.5.2) and then carries them."""

    def __init__(self, connection: Connection, its: Sqlserver, host: str) -> None:
        self._connection = connection
        self._heard, self._said = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = certificate.trusting(its.ca_file, verify=its.verify, newest=ssl.TLSVersion.TLSv1_2)
        self._tls = context.wrap_bio(self._heard, self._said, server_hostname=its.server_name or host)

    async def begin(self, run: Run) -> None:
        """Agree upon keys, and report what TLS turned out to be.

        Raises:
            UnverifiedError: there is a certificate, which is not to be trusted.
            UntrustedError: TLS did not come about.
        """
        for _ in range(ROUNDS):
            try:
                self._tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            except ssl.SSLCertVerificationError as error:
                raise UnverifiedError(f"the certificate is not to be trusted: {error.verify_message}") from error
            except ssl.SSLError as error:
                raise UntrustedError(f"TLS did not come about: {shorten(str(error))}") from error
            if said := self._said.read():
                await self._connection.send(tds.packets(tds.PRELOGIN, said))
            if done:
                certificate.report(run, self._tls)
                return
            self._heard.write((await _message(self._connection))[1])
        raise UntrustedError("TLS did not come about: it does not end")

    async def send(self, data: bytes) -> None:
        """Say something."""
        self._tls.write(data)
        await self._connection.send(self._said.read())

    async def exactly(self, count: int) -> bytes:
        """As many bytes as that.

        Raises:
            WrongAnswerError: the connection ended.
        """
        taken = b""
        while len(taken) < count:
            try:
                taken += self._tls.read(count - len(taken))
            except ssl.SSLWantReadError:
                more = await self._connection.some()
                if not more:
                    raise WrongAnswerError("it closed the connection in the middle of its answer") from None
                self._heard.write(more)
            except ssl.SSLError as error:
                raise WrongAnswerError(f"the connection broke: {shorten(str(error))}") from error
        return taken


async def _heard(sealed: Sealed, wanted: int, otherwise: str) -> None:
    """An answer that holds the token that is waited for.

    Raises:
        CheckError: it holds another, or an error.
    """
    _, said = await _message(sealed)
    try:
        told = list(tds.answers(said))
    except TdsError as error:
        raise WrongAnswerError(f"{OTHER}: {error}") from error
    refusals = [one for one in told if isinstance(one, Refusal)]
    if refusals:
        raise _refused(refusals[0])
    if wanted not in told:
        raise WrongAnswerError(otherwise)


def _refused(refusal: Refusal) -> CheckError:
    reason = shorten(f"{refusal.text} (error {refusal.number})")
    return WrongAnswerError(reason) if refusal.number in AILING else RefusedError(reason)


async def _message(connection: Connection | Sealed) -> tuple[int, bytes]:
    """The kind of the next message, and what its packets hold together."""
    said = b""
    while len(said) <= AT_ONCE:
        kind, state, length = struct.unpack("!BBH4x", await connection.exactly(tds.HEAD))
        if kind not in {tds.REPLY, tds.PRELOGIN} or length < tds.HEAD:
            raise WrongAnswerError(OTHER)
        said += await connection.exactly(length - tds.HEAD)
        if state & tds.LAST:
            return kind, said
    raise WrongAnswerError(f"more than {AT_ONCE} bytes came without an end")
