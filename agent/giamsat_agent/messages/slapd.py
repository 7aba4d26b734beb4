# SPDX-License-Identifier: Apache-2.0
"""Messages of OpenLDAP's server: one connection's source, name and result stand in three lines, joined by its number.

`conn=1 fd=12 ACCEPT from IP=ADDRESS:PORT (IP=…)`, `conn=1 op=0 BIND dn="NAME" method=128`, `conn=1 op=0 RESULT tag=97
err=49`: tag 97 is the answer to a bind, error 49 invalidCredentials (RFC 4511, A.2). An anonymous bind is no login.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.log import Entry
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_wire.record import FieldValue

PROGRAMS: Final = ("slapd",)
CONNECTIONS_MOST: Final = 4_096
"""Connections remembered; the oldest is forgotten first, at the price of logins without a source."""
_ACCEPT: Final = "ACCEPT from IP="
_BIND: Final = 'BIND dn="'
_RESULT: Final = "RESULT tag=97 err="
_NUMBER_DIGITS: Final = 19


@dataclass(slots=True)
class Connection:
    """What is known of one connection."""

    source: str = ""
    port: int | None = None
    name: str = ""


class Slapd:
    """Understands slapd."""

    def __init__(self) -> None:
        self._connections: dict[str, Connection] = {}

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one message says happened."""
        words = entry.text.split(" ", 2)
        if len(words) < 3 or not words[0].startswith("conn="):  # noqa: PLR2004 - conn=N, op=N or fd=N, and the rest
            return ()
        number, rest = words[0], words[2]
        if len(number) > _NUMBER_DIGITS:
            return ()
        if rest.startswith("closed"):
            self._connections.pop(number, None)
        elif rest.startswith(_ACCEPT):
            self._accepted(number, rest.removeprefix(_ACCEPT).partition(" ")[0])
        elif rest.startswith(_BIND):
            self._connection(number).name = rest.removeprefix(_BIND).rpartition('"')[0]
        elif rest.startswith(_RESULT):
            return self._answered(number, rest.removeprefix(_RESULT).partition(" ")[0])
        return ()

    def _accepted(self, number: str, said: str) -> None:
        host, _, port = said.rpartition(":")
        self._connections.pop(number, None)
        connection = self._connection(number)
        connection.source = plain(host.strip("[]")) or ""
        connection.port = int(port) if port.isascii() and port.isdecimal() and len(port) <= 5 else None  # noqa: PLR2004 - digits of 65535

    def _answered(self, number: str, error: str) -> Iterable[Meaning]:
        connection = self._connection(number)
        if error not in {"0", "49"} or not connection.name:
            return ()
        fields: dict[str, FieldValue] = {
            "event.outcome": FAILURE if error == "49" else SUCCESS,
            "service.name": "ldap",
            "user.name": connection.name,
        }
        if connection.source:
            fields["source.ip"] = connection.source
        if connection.port is not None:
            fields["source.port"] = connection.port
        return (Meaning("user-login", fields),)

    def _connection(self, number: str) -> Connection:
        held = self._connections.get(number)
        if held is None:
            if len(self._connections) >= CONNECTIONS_MOST:
                del self._connections[next(iter(self._connections))]
            held = self._connections[number] = Connection()
        return held
