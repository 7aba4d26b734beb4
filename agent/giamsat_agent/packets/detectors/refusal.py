# SPDX-License-Identifier: Apache-2.0
"""Logins that a server refused in clear text (ATT&CK T1110), whatever the number of connections they came by.

Each protocol says so in words of its own, and some begin with them, by which they are known on any port. HTTP and SIP,
which refuse everybody first, are looked at elsewhere.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import Openings
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.distributed_guessing import Besieged
from giamsat_agent.packets.refused_logins import Refused, key_of

LONGEST: Final = 600
"""Bytes of a refusal at most."""
LOOKED_AT: Final = 4_096
SIGNS: Final = {
    21: ("FTP", rb"530 "),
    23: ("Telnet", rb"ogin incorrect|ogin failed|uthentication fail|assword incorrect|ccess denied"),
    25: ("SMTP", rb"535[ -]"),
    110: ("POP3", rb"^-ERR.*(?:\[AUTH\]|uthentication|og[io]n|assword|redential|enied)"),
    143: ("IMAP", rb" NO (?:\[AUTHENTICATIONFAILED\]|LOGIN|AUTHENTICATE|Login failed)"),
    389: ("LDAP", rb"\x0a\x01\x31\x04"),
    139: ("SMB", rb"\x6d\x00\x00\xc0\x01\x00"),
    445: ("SMB", rb"\x6d\x00\x00\xc0\x01\x00"),
    587: ("SMTP", rb"535[ -]"),
    3268: ("LDAP", rb"\x0a\x01\x31\x04"),
    1433: ("MSSQL", re.escape("Login failed".encode("utf-16-le"))),
    2323: ("Telnet", rb"ogin incorrect|ogin failed|uthentication fail"),
    3306: ("MySQL", rb"\xff\x15\x04"),
    5432: ("PostgreSQL", rb"C28P01\x00"),
    5900: ("VNC", rb"uthentication fail"),
    5901: ("VNC", rb"uthentication fail"),
    6379: ("Redis", rb"-WRONGPASS|-ERR invalid password"),
}
"""Server port, protocol, and what a refusal holds: RFC 959, 4954, 1939, 3501, 4511 (invalidCredentials), MS-ERREF
(STATUS_LOGON_FAILURE of a session setup), MySQL's error 1045, PostgreSQL's SQLSTATE 28P01, Redis. POP3 begins whatever
it does not do in one way, so it has to be about the login."""
_SMB_LETS_IN: Final = rb"\xfeSMB\x40\x00..\x00{4}\x01\x00.{50}\x09\x00[\x00\x04]\x00"
"""A session that was set up, and is neither a guest's nor nobody's (MS-SMB2, section 2.2.6)."""
ANYWHERE: Final = {
    b"530 ": ("FTP", rb"\A530 (?!5\.)"),
    b"535 ": ("SMTP", rb"\A535 "),
    b"E\0\0\0": SIGNS[5432],
    b"\0\0\0\1": SIGNS[5900],
    b"-WRO": SIGNS[6379],
    b"-ERR": SIGNS[6379],
}
"""How refusals begin of protocols that are known by it, and the same. Servers of mail say by 530 what they want first
(RFC 3207), and why (RFC 3463)."""
LETS_IN: Final = {
    port: re.compile(sign, re.DOTALL)
    for port, sign in {
        21: rb"\A230[ -]",
        25: rb"\A235[ -]",
        110: rb"\A\+OK.{0,64}?(?:[Ll]ogged|[Ll]ogon|[Mm]aildrop|[Mm]ailbox|[Mm]essage)",
        143: rb" OK (?:\[[^\]]*\] )?(?:LOGIN|AUTHENTICATE|Logged in|User logged in|Success|[Aa]uthenticat)",
        139: _SMB_LETS_IN,
        445: _SMB_LETS_IN,
        587: rb"\A235[ -]",
    }.items()
}
"""The same of what lets in: only of such services it is known whether all refuse who is refused, one by one."""
NUMBERED: Final = 2 << 24
"""MySQL answers a login by the second packet: its number behind its length, which is more than the code of an error."""
REFUSES: Final = {port: (service, re.compile(sign)) for port, (service, sign) in SIGNS.items()}
PORTS: Final = OneOf(SIGNS)
BEGINS: Final = {
    int.from_bytes(opening, "little"): (service, re.compile(sign)) for opening, (service, sign) in ANYWHERE.items()
}
MYSQL: Final = ("MySQL", re.compile(rb"\A.{4}\xff\x15\x04#28000", re.DOTALL))
_BEGINS: Final = Openings(np.array(list(BEGINS), np.uint32))


class Refusals:
    """Refused logins by client, server and port."""

    def __init__(self) -> None:
        self.room = Room()
        self._refused = Refused(self.room)
        self._besieged = Besieged(self.room)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        said = batch.spoken_at(PORTS)
        said = said[PORTS.at(batch.source_port[said])]
        for at in said[batch.payload[said] <= LONGEST][:LOOKED_AT].tolist():
            port, content = int(batch.source_port[at]), batch.content(at)
            service, refuses = REFUSES[port]
            if refuses.search(content):
                yield from self._refused.add(batch, at, service)
                yield from self._by_many(batch, at, service)
            elif port in LETS_IN and LETS_IN[port].search(content):
                self._besieged.let_in(key_of(batch, at))
        yield from self._elsewhere(batch)

    def _by_many(self, batch: Batch, at: int, service: str) -> Iterator[Anomaly]:
        """Whether the server refuses ever more clients, where it would be seen whom it lets in."""
        seen, key = (int(batch.time_ns[at]), int(batch.number[at])), key_of(batch, at)
        if key[2] in LETS_IN and (told := self._besieged.refused(batch.addresses, key, seen, service)) is not None:
            yield told

    def _elsewhere(self, batch: Batch) -> Iterator[Anomaly]:
        """The same at other ports than those that the protocols have."""
        said = batch.said
        numbered = (said > NUMBERED) & (said <= NUMBERED + LONGEST)
        places = batch.spoken[_BEGINS.at(said) | numbered]
        places = places[~PORTS.at(batch.source_port[places]) & (batch.payload[places] <= LONGEST)]
        for at in places[:LOOKED_AT].tolist():
            service, refuses = BEGINS.get(int(batch.opening[at]), MYSQL)
            if refuses.search(batch.content(at)):
                yield from self._refused.add(batch, at, service)
