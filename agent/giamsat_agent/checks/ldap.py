# SPDX-License-Identifier: Apache-2.0
"""A directory: whether it answers a bind (RFC 4511, 4.2), anonymous or with a login."""

from pathlib import Path
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import RefusedError, Run, WrongAnswerError
from giamsat_agent.check_settings import Ldap
from giamsat_agent.protocols import login
from giamsat_agent.protocols.connection import Connection, encrypted, opened

PORTS: Final = {"none": 389, "immediate": 636}
MESSAGE, INTEGER, OCTETS, ENUMERATED, SIMPLE, BIND, BOUND, UNBIND = 0x30, 0x02, 0x04, 0x0A, 0x80, 0x60, 0x61, 0x42
LIVING: Final = frozenset({0, 8, 13, 48, 49, 50, 53})
"""Results to an anonymous bind that show a directory at work: success, or that it wants a name, TLS, or does not like
anonymous binds (strongerAuthRequired, confidentialityRequired, inappropriateAuthentication, invalidCredentials,
insufficientAccessRights, unwillingToPerform)."""
MEANING: Final = {7: "authMethodNotSupported", 49: "invalidCredentials", 51: "busy", 52: "unavailable", 80: "other"}
_LONG: Final = 0x80


class LdapCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Ldap) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Bind and unbind."""
        its = self._its
        who = await run.blocking(lambda: login.read(Path(its.credential_file))) if its.credential_file else None
        host, port = split(its.target, PORTS[its.tls])
        way = encrypted(run, host, port, its) if its.tls == "immediate" else opened(run, host, port)
        async with way as connection:
            await connection.send(bind(who.user if who else "", who.password if who else ""))
            result = parse_bound(await _message(connection))
            await connection.send(_value(MESSAGE, _value(INTEGER, b"\x02") + bytes([UNBIND, 0])))
        if result and (who or result not in LIVING):
            raise RefusedError(f"the bind was refused with result {result} {MEANING.get(result, '')}".rstrip())


def bind(name: str, password: str) -> bytes:
    """A simple bind of version 3."""
    told = _value(INTEGER, b"\x03") + _value(OCTETS, name.encode()) + _value(SIMPLE, password.encode())
    return _value(MESSAGE, _value(INTEGER, b"\x01") + _value(BIND, told))


def parse_bound(message: bytes) -> int:
    """The result code in what stands within the message of an answer to a bind.

    Raises:
        WrongAnswerError: this is none.
    """
    try:
        number, rest = _taken(message, INTEGER)
        told, _ = _taken(rest, BOUND)
        result, _ = _taken(told, ENUMERATED)
    except (IndexError, ValueError) as error:
        raise WrongAnswerError("what it says is no answer to a bind of LDAP") from error
    if number != b"\x01":
        raise WrongAnswerError("it answers a question that was not asked")
    return int.from_bytes(result, "big")


async def _message(connection: Connection) -> bytes:
    kind, length = await connection.exactly(2)
    if kind != MESSAGE or length == _LONG:
        raise WrongAnswerError("it does not speak LDAP")
    if length > _LONG:
        length = int.from_bytes(await connection.exactly(length & 0x7F), "big")
    return await connection.exactly(length)


def _value(kind: int, content: bytes) -> bytes:
    length = len(content)
    if length < _LONG:
        return bytes([kind, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([kind, _LONG | size]) + length.to_bytes(size, "big") + content


def _taken(data: bytes, kind: int) -> tuple[bytes, bytes]:
    """The content of the first value, which has to be of a kind, and what follows it."""
    if data[0] != kind:
        raise ValueError("another kind of value")
    length, at = data[1], 2
    if length > _LONG:
        at += length & 0x7F
        length = int.from_bytes(data[2:at], "big")
    if length > len(data) - at:
        raise ValueError("a value longer than its message")
    return data[at : at + length], data[at + length :]
