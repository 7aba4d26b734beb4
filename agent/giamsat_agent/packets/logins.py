# SPDX-License-Identifier: Apache-2.0
"""What one connection to a service that asks for a password came to: was anybody let in, by what can be seen outside.

A program at work opens connection after connection as well, and is let in each time. Some protocols show it by what a
client says next, some by how much it says: whoever is refused has little to say.

SSH shows it by lengths (RFC 4252, RFC 4253). Once both ends encrypt, the server's first message accepts the service
(17 bytes); a refusal names the methods that are left, and is never shorter; that somebody is let in is a message of one
byte, and the first that is shorter than any before it. Every cipher keeps this order, as padding goes by whole blocks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Service:
    """A service that asks for a password.

    `least` and `says` are how many segments a client that is refused has to say at least, and at most; who says less
    only looks whether the service is there. `works` is how segments begin that only clients that were let in send,
    `welcomes` is what a server says to nobody else; `lets_in` how long an answer is that lets in, if all that refuse
    are of other lengths.
    `hangs_up`: it ends the connection of whom it refuses; who stays, who takes leave, or ends it himself, and is told
    nothing more was let in.
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
    hangs_up: bool = False


@dataclass(slots=True)
class Attempt:
    """One connection, as far as it was seen: since when, by which frame; `up_to` is how far the server heard it."""

    at_ns: int
    number: int
    up_to: int = 0
    said: int = 0
    refused: int = 0
    accepted: int = 0
    sealed: bool = False
    heard: bool = False
    over: bool = False
    worked: bool = False
    answered: bool = False
    last: bool = False
    left: bool = False

    def client(self, service: Service, content: bytes) -> None:
        """The client says something."""
        self.heard = self.last = True
        if service.name == SSH.name:
            self.sealed |= content.startswith(NEW_KEYS)
        elif service.works:
            self.worked |= service.works(content)
        self._spoke(service)

    def _spoke(self, service: Service) -> None:
        self.said += 1
        self.worked |= self.said >= MANY if service.name == SSH.name else self.said > service.says

    def acknowledged(self, service: Service, up_to: int) -> None:
        """The server says up to where it has heard the client: who is not seen himself is seen to speak by that."""
        came, self.up_to = (up_to - self.up_to) % _NUMBERS, up_to
        if self.heard or not 0 < came < _NUMBERS // 2:
            return
        self.last = True
        if came > _END:
            self._spoke(service)

    def server(self, service: Service, size: int, content: bytes) -> None:
        """The server says something, so long."""
        self.answered, self.last, self.left = True, False, False
        if service.name != SSH.name:
            self.worked |= self.said > 0 and (
                size in service.lets_in or bool(service.welcomes and service.welcomes(content))
            )
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

    def ended(self, *, by_server: bool) -> None:
        """One end has nothing more to say. Where the server is not heard nobody can tell who had the last word."""
        if not self.over:
            self.left = self.answered and (self.last or not by_server)
        self.over = True

    def is_guess(self, service: Service) -> bool:
        """Whether, now that it is over or old, it looks like a password that was tried in vain.

        Of the server's side alone SSH shows it by its refusals only.
        """
        let_in = self.worked or (service.hangs_up and (self.left or not self.over))
        tried = self.refused > 0 if service.name == SSH.name and not self.heard else self.said >= service.least
        return tried and not let_in


def _mysql(content: bytes) -> bool:
    """A command, but not to end: the number of the packet begins anew (MySQL protocol, sequence id)."""
    return content[3:4] == b"\0" and content[4:5] != b"\1" and int.from_bytes(content[:3], "little") + 4 == len(content)


def _postgres(content: bytes) -> bool:
    """A query, its parts, or the end in order (PostgreSQL protocol, message formats)."""
    return content[:1] in {b"Q", b"P", b"B", b"X", b"F"}


def _postgres_welcomes(content: bytes) -> bool:
    """The login is in order (PostgreSQL protocol, AuthenticationOk)."""
    return b"R\0\0\0\x08\0\0\0\0" in content


def _tds_welcomes(content: bytes) -> bool:
    """An answer that begins with a change of the environment, as the one to a login does (MS-TDS, section 2.2.7)."""
    return content[:1] == b"\x04" and content[8:9] in {b"\xe3", b"\xad"}


def _mongo_welcomes(content: bytes) -> bool:
    """The conversation about a login is done, in order (MongoDB, specification of authentication)."""
    return b"\x08done\0\x01" in content


def _smb(content: bytes) -> bool:
    """A command behind negotiation, login and logout (MS-SMB2, section 2.2.1; MS-CIFS, section 2.2.2.1).

    What is encrypted or compressed comes behind the login, too (MS-SMB2, sections 2.2.41 and 2.2.42).
    """
    if content[4:8] == b"\xffSMB":
        return content[8:9] not in {b"", b"\x72", b"\x73", b"\x74"}
    if content[4:8] in {b"\xfdSMB", b"\xfcSMB"}:
        return True
    return content[4:8] == b"\xfeSMB" and int.from_bytes(content[16:18], "little") > 2  # noqa: PLR2004 - those three


def _smb_welcomes(content: bytes) -> bool:
    """The same of an answer, if it is not that this was in vain."""
    status = content[9:13] if content[4:8] == b"\xffSMB" else content[12:16]
    return _smb(content) and (content[4:5] in {b"\xfd", b"\xfc"} or status == bytes(4))


def _operation(content: bytes) -> bytes:
    """What an LDAP message asks or answers, and all behind it; empty when it is none (RFC 4511, section 5.1)."""
    if content[:1] != b"\x30" or len(content) < 7:  # noqa: PLR2004 - envelope, number and operation
        return b""
    at = 2 + (content[1] & 0x7F if content[1] & 0x80 else 0)
    if content[at : at + 1] != b"\x02" or at + 1 >= len(content):
        return b""
    return content[at + 2 + content[at + 1] :]


def _ldap(content: bytes) -> bool:
    """An operation other than to bind or to end, or a bind without a password (RFC 4511, section 4.2)."""
    operation = _operation(content)
    other = operation[:1] not in {b"", b"\x60", b"\x42"}
    return other or (bool(operation) and content.endswith(b"\x80\0"))


def _ldap_welcomes(content: bytes) -> bool:
    """An answer to a search, or to a bind that it is in order (RFC 4511, sections 4.2.2 and 4.5.2)."""
    operation = _operation(content)
    return operation[:1] in {b"\x64", b"\x65"} or (operation[:1] == b"\x61" and b"\x0a\x01\0" in operation[:8])


def _begins(*words: bytes) -> Callable[[bytes], bool]:
    """Whether something begins so."""
    return lambda content: content.startswith(words)


def _words(*words: str) -> Callable[[bytes], bool]:
    """Whether one of the first two words is one of these."""
    wanted = frozenset(word.encode() for word in words)
    return lambda content: not wanted.isdisjoint(content[:64].upper().split(maxsplit=2)[:2])


SSH: Final = Service("SSH", least=4)
"""Its greeting and three messages of the key exchange come before the first password."""
MAIL_FLOOR: Final = 100
OVER_TLS: Final = 3
"""What comes before the end of a first try: the greeting of TLS, its end, and the try."""
_IMAP_WORK = _words("SELECT", "EXAMINE", "LIST", "STATUS", "NAMESPACE", "IDLE")
_POP3_WORK = _words("STAT", "LIST", "UIDL", "RETR", "DELE", "TOP", "LAST")
_SMB = Service("SMB", least=2, works=_smb, welcomes=_smb_welcomes)
_VNC = Service("VNC", least=3, says=6)
_WINRM = Service("WinRM", says=6, welcomes=_begins(b"HTTP/1.1 2"))
SERVICES: Final = {
    21: Service(
        "FTP",
        says=20,
        works=_words("PASV", "EPSV", "PORT", "LIST", "RETR", "STOR", "CWD", "PWD"),
        welcomes=_begins(b"230"),
    ),
    22: SSH,
    23: Service("Telnet", says=40),
    110: Service("POP3", says=8, works=_POP3_WORK, floor=MAIL_FLOOR),
    139: _SMB,
    143: Service("IMAP", says=8, works=_IMAP_WORK, floor=MAIL_FLOOR),
    389: Service("LDAP", says=8, works=_ldap, welcomes=_ldap_welcomes, floor=MAIL_FLOOR),
    445: _SMB,
    465: Service("SMTP", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    513: Service("rlogin", says=40),
    587: Service("SMTP", least=OVER_TLS, says=8, works=_words("MAIL"), welcomes=_begins(b"235"), floor=MAIL_FLOOR),
    636: Service("LDAP", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    902: Service("VMware"),
    993: Service("IMAP", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    995: Service("POP3", least=OVER_TLS, says=8, floor=MAIL_FLOOR),
    1433: Service("MSSQL", least=2, says=8, welcomes=_tds_welcomes, hangs_up=True),
    1521: Service("Oracle", least=2),
    2222: SSH,
    3306: Service("MySQL", says=8, works=_mysql, lets_in=range(9, 24), hangs_up=True),
    3389: Service("RDP", least=OVER_TLS, says=16),
    5061: Service("SIP", least=OVER_TLS, floor=MAIL_FLOOR),
    5432: Service("PostgreSQL", least=2, says=8, works=_postgres, welcomes=_postgres_welcomes, hangs_up=True),
    5900: _VNC,
    5901: _VNC,
    5985: _WINRM,
    5986: _WINRM,
    8291: Service("WinBox"),
    27017: Service("MongoDB", says=6, welcomes=_mongo_welcomes),
}
"""By port. What a refused client says at most: as many steps as the protocol has, TLS among them, and a second try.

What says in the clear how a login ended, and is asked by a connection each time, is left to those who read it.
"""
