# SPDX-License-Identifier: Apache-2.0
"""What one connection to a service that asks for a password came to: was anybody let in, by what can be seen outside.

A program at work opens connection after connection as well, and is let in each time. Some protocols show it by what a
client says next, some by how much it says: whoever is refused has little to say.

SSH shows it by lengths (RFC 4252, RFC 4253). Once both ends encrypt, the server's first message accepts the service
(17 bytes); a refusal names the methods that are left, and is never shorter; that somebody is let in is a message of one
byte, and the first that is shorter than any before it. Every cipher keeps this order, as padding goes by whole blocks.

Where one side only is seen, how far it acknowledges the other shows when that one spoke, and how much it said.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from giamsat_agent.packets.payloads.behind_login import (
    begins,
    ldap_asks,
    ldap_welcomes,
    mongo_welcomes,
    mysql_asks,
    postgres_asks,
    postgres_welcomes,
    smb_asks,
    smb_welcomes,
    tds_welcomes,
    words,
)

NEW_KEYS: Final = b"\0\0\0\x0c"
"""How the last message in the clear begins (RFC 4253, section 7.3): its length; it is always padded to 16 bytes."""
SEALS: Final = NEW_KEYS + b"\x0a\x15"
"""The whole beginning, which a server sends behind another message: padding of ten bytes, and its number."""
ACCEPTED: Final = range(36, 121)
"""Bytes of the message that accepts the service, by every cipher and code in use."""
REFUSAL: Final = 200
"""Bytes of a refusal, and more; what is longer is a banner or an extension."""
MANY: Final = 64
"""Whoever says so much is at work, whatever he says."""
_REPLIES: Final = frozenset({b"\x1f", b"\x21"})
"""The numbers of a server's answer to an exchange of keys (RFC 4253, RFC 4419, RFC 5656), behind which it sends its
last message in the clear."""
_NUMBERS: Final = 1 << 32
_END: Final = 1
"""An end counts as one byte (RFC 9293, section 3.4); no client of these services says so little."""
_RECORD: Final = b"\x17\x03"
"""How a record of TLS begins that is no greeting (RFC 8446, section 5.1): of version 1.3 nearly all do."""
_HEAD: Final = 5
"""Bytes before what a record holds; the last two say how much that is."""
ALERT: Final = b"\x15\x03"
ALERTS: Final = (24, 31)
"""Bytes of the record by which either end takes leave of TLS, in versions 1.3 and 1.2: who does has said nothing."""
LEAVES: Final = (27, 34)
"""Bytes of the record by which clients of MySQL and PostgreSQL take leave in order, five bytes of their own, likewise;
whom a service hung up on takes none."""
_SILENT: Final = frozenset(more + end for more in (0, *ALERTS) for end in (0, _END))


@dataclass(frozen=True, slots=True)
class Service:
    """A service that asks for a password.

    `least` and `says` are how many segments a client that is refused has to say at least, and at most; who says less
    only looks whether the service is there. `works` is how segments begin that only clients that were let in send,
    `welcomes` is what a server says to nobody else; `lets_in` how long an answer is that lets in, if all that refuse
    are of other lengths, `lets_in_sealed` the same of a record of TLS.
    `hangs_up`: it ends the connection of whom it refuses; who stays, or takes leave and is told nothing more, was let
    in.
    `floor` is how many connections are too many: mail programs of many people behind one address open very many, and
    what becomes of them is encrypted.
    """

    name: str
    least: int = 1
    says: int = 12
    works: Callable[[bytes], bool] | None = None
    welcomes: Callable[[bytes], bool] | None = None
    floor: int = 10
    lets_in: range = range(0)
    lets_in_sealed: range = range(0)
    hangs_up: bool = False

    def is_welcome(self, size: int, content: bytes) -> bool:
        """Whether a server says this, so long, to whom it lets in only; a record of TLS has to come alone."""
        sealed = content[:2] == _RECORD and _HEAD + int.from_bytes(content[3:_HEAD]) == size
        if size in (self.lets_in_sealed if sealed else self.lets_in):
            return True
        return self.welcomes is not None and self.welcomes(content)


@dataclass(slots=True)
class Attempt:
    """One connection, as far as it was seen: since when, by which frame.

    `up_to` is how far one end says that it heard the other; `records` if what the client says is in records of TLS.
    """

    at_ns: int
    number: int
    up_to: int = 0
    said: int = 0
    refused: int = 0
    accepted: int = 0
    sealed: bool = False
    heard: bool = False
    records: bool = False
    over: bool = False
    worked: bool = False
    answered: bool = False
    last: bool = False
    left: bool = False

    def client(self, service: Service, content: bytes) -> None:
        """The client says something."""
        self.heard = True
        if _takes_leave(len(content), content):
            self.ended()
            return
        self.last, self.records = True, content[:2] == _RECORD
        if service.name == SSH.name:
            self.sealed |= content.startswith(NEW_KEYS)
        elif service.works:
            leaves = self.records and len(content) in LEAVES and service.hangs_up and not self.answered
            self.worked |= leaves or service.works(content)
        self._spoke(service)

    def _spoke(self, service: Service) -> None:
        self.said += 1
        self.worked |= self.said >= MANY if service.name == SSH.name else self.said > service.says

    def acknowledged(self, service: Service, up_to: int, *, by_server: bool) -> None:
        """One end says up to where it has heard the other: who is not seen himself is seen to speak by that."""
        if self.heard and self.answered:
            return
        came, self.up_to = (up_to - self.up_to) % _NUMBERS, up_to
        if came >= _NUMBERS // 2:
            return
        if not by_server and not self.answered:
            self.worked |= self.said > 0 and came in (service.lets_in_sealed if self.records else service.lets_in)
        elif by_server and not self.heard:
            self.last |= came not in _SILENT
            if came > _END:
                self._spoke(service)

    def server(self, service: Service, size: int, content: bytes) -> None:
        """The server says something, so long."""
        self.answered = True
        if _takes_leave(size, content):
            self.ended()
        else:
            self.last = self.left = False
        if service.name != SSH.name:
            self.worked |= self.said > 0 and service.is_welcome(size, content)
            return
        if not self.heard and not self.sealed:
            # Where the client is not seen, the server's own last message in the clear tells as well.
            self.sealed = SEALS in content or (len(content) < size and content[5:6] in _REPLIES)
        elif not self.sealed:
            return
        elif not self.accepted:
            self.accepted = size if size in ACCEPTED else 0
        elif size < self.accepted:
            self.worked = True
        elif size <= REFUSAL:
            self.refused += 1

    def ended(self) -> None:
        """One end has nothing more to say. Where the server is not heard nobody can tell who had the last word."""
        if not self.over:
            self.left = self.answered and self.last
        self.over = True

    def is_guess(self, service: Service) -> bool:
        """Whether, now that it is over or old, it looks like a password that was tried in vain.

        Of the server's side alone SSH shows it by its refusals only, and of the client's side nobody sees it hung up.
        """
        let_in = self.worked or (service.hangs_up and self.answered and (self.left or not self.over))
        tried = self.refused > 0 if service.name == SSH.name and not self.heard else self.said >= service.least
        return tried and not let_in

    def is_refused(self, service: Service) -> bool:
        """The same, where the service shows it for sure."""
        shown = self.refused > 0 if service.name == SSH.name else service.hangs_up and self.answered
        return shown and self.is_guess(service)


def _takes_leave(size: int, content: bytes) -> bool:
    """Whether an end only says that it closes its side of TLS."""
    return content[:2] == ALERT or (content[:2] == _RECORD and size in ALERTS)


SSH: Final = Service("SSH", least=4)
"""Its greeting and three messages of the key exchange come before the first password."""
MAIL_FLOOR: Final = 100
OVER_TLS: Final = 3
"""What comes before the end of a first try: the greeting of TLS, its end, and the try."""
_LONGEST: Final = 1 << 14
"""Bytes of a record (RFC 8446, section 5.1). Databases tell whom they let in of their settings; an error is a line."""
_IMAP_WORK = words("SELECT", "EXAMINE", "LIST", "STATUS", "NAMESPACE", "IDLE")
_POP3_WORK = words("STAT", "LIST", "UIDL", "RETR", "DELE", "TOP", "LAST")
_SMB = Service("SMB", least=2, works=smb_asks, welcomes=smb_welcomes)
_VNC = Service("VNC", least=3, says=6)
DESKTOP: Final = 40
"""What a client says until a desktop shows its login, and a refusal; whoever is in says more as soon as he moves."""
_WINRM = Service("WinRM", says=6, welcomes=begins(b"HTTP/1.1 2"))
SERVICES: Final = {
    21: Service(
        "FTP",
        says=20,
        works=words("PASV", "EPSV", "PORT", "LIST", "RETR", "STOR", "CWD", "PWD"),
        welcomes=begins(b"230"),
    ),
    22: SSH,
    23: Service("Telnet", says=40),
    110: Service("POP3", says=8, works=_POP3_WORK, floor=MAIL_FLOOR),
    139: _SMB,
    143: Service("IMAP", says=8, works=_IMAP_WORK, floor=MAIL_FLOOR),
    389: Service("LDAP", says=8, works=ldap_asks, welcomes=ldap_welcomes, floor=MAIL_FLOOR),
    445: _SMB,
    465: Service("SMTP", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    513: Service("rlogin", says=40),
    587: Service("SMTP", least=OVER_TLS, says=8, works=words("MAIL"), welcomes=begins(b"235"), floor=MAIL_FLOOR),
    636: Service("LDAP", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    902: Service("VMware"),
    993: Service("IMAP", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    995: Service("POP3", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    1433: Service("MSSQL", least=2, says=8, welcomes=tds_welcomes, lets_in_sealed=range(300, _LONGEST), hangs_up=True),
    1521: Service("Oracle", least=2),
    2222: SSH,
    3306: Service("MySQL", says=8, works=mysql_asks, lets_in=range(9, 24), lets_in_sealed=range(30, 56), hangs_up=True),
    3389: Service("RDP", least=OVER_TLS, says=DESKTOP),
    5061: Service("SIP", least=OVER_TLS, floor=MAIL_FLOOR),
    5432: Service(
        "PostgreSQL",
        least=2,
        says=8,
        works=postgres_asks,
        welcomes=postgres_welcomes,
        lets_in_sealed=range(300, _LONGEST),
        hangs_up=True,
    ),
    5900: _VNC,
    5901: _VNC,
    5985: _WINRM,
    5986: _WINRM,
    8291: Service("WinBox"),
    27017: Service("MongoDB", says=6, welcomes=mongo_welcomes),
}
"""By port. What a refused client says at most: as many steps as the protocol has, TLS among them, and a second try.

What says in the clear how a login ended, and is asked by a connection each time, is left to those who read it.
"""
GREETS: Final = {
    int.from_bytes(opening, "little"): service
    for opening, service in ((b"SSH-", SSH), (b"RFB ", SERVICES[5900]), (b"\3\0\0\x13", SERVICES[3389]))
}
"""How servers begin of SSH (RFC 4253, section 4.2), of VNC (RFC 6143, section 7.1.1) and of remote desktops
(MS-RDPBCGR, section 2.2.1.2), whatever port they listen at: their first four bytes, as one little-endian number."""
