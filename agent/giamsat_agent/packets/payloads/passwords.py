# SPDX-License-Identifier: Apache-2.0
"""What it looks like when a program sends a password that everybody on the way can read.

Only whether one is sent is told, and whether the server took it: nothing that is returned here holds a byte of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LINE_BYTES: Final = 4_096
COMMUNITIES: Final = {0: "SNMPv1", 1: "SNMPv2c"}
RESPONSE, TRAP, TRAP2, INFORM = 0xA2, 0xA4, 0xA7, 0xA6
_BASIC: Final = re.compile(rb"\r\n(?:proxy-)?authorization: *basic +[a-z0-9+/=]{4}", re.IGNORECASE)
_FORM: Final = re.compile(
    rb"(?:^|&|\"|%5b|\[)(?:user|login|j_)?_?(?:password|passwd|passwort|pass|pwd|matkhau|mat_khau|mk)(?:%5d|\])?"
    rb"(?:=[^&\s]|\" *: *\"[^\"]|\"\r\n\r\n[^\r])",
    re.IGNORECASE,
)
_FTP: Final = re.compile(rb"(?:^|\n)PASS +\S", re.IGNORECASE)
_NOBODY: Final = re.compile(rb"(?:^|\n)USER +(?:anonymous|ftp)\s*(?:\r|\n|$)", re.IGNORECASE)
_POP3: Final = re.compile(rb"(?:^|\n)(?:PASS +\S|AUTH +(?:PLAIN|LOGIN))", re.IGNORECASE)
_IMAP: Final = re.compile(rb"(?:^|\n)\S+ +(?:LOGIN +\S+ +\S|AUTHENTICATE +(?:PLAIN|LOGIN))", re.IGNORECASE)
_SMTP: Final = re.compile(rb"(?:^|\n)AUTH +(?:PLAIN|LOGIN)", re.IGNORECASE)
_IMAP_SAID: Final = re.compile(rb"(?:^|\n)(?!\*|\+)\S+ (OK|NO|BAD)", re.IGNORECASE)
_SHELL: Final = re.compile(rb"last login|[$#%>] ?$", re.IGNORECASE)
_PROMPT: Final = re.compile(rb"assword: ?$", re.IGNORECASE)
_REFUSED: Final = re.compile(rb"incorrect|fail|denied|invalid|ogin: ?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Way:
    """One protocol in which passwords are sent.

    `sends` says whether what a client says holds one; `taken` whether what the server says then lets it in, None when
    that is not said yet.
    """

    name: str
    sends: Callable[[bytes], bool]
    taken: Callable[[bytes], bool | None]


def _lines(yes: bytes, wait: tuple[bytes, ...]) -> Callable[[bytes], bool | None]:
    """The answer of a protocol whose answers begin with a code; the last line counts."""

    def taken(said: bytes) -> bool | None:
        last = said.rstrip(b"\r\n").rpartition(b"\n")[2]
        return True if last.startswith(yes) else None if last.startswith(wait) else False

    return taken


def _imap(said: bytes) -> bool | None:
    found = _IMAP_SAID.search(said)
    return found[1].upper() == b"OK" if found else None


def _web(said: bytes) -> bool | None:
    return said[9:10] in {b"2", b"3"} if said.startswith(b"HTTP/") else None


def _telnet(said: bytes) -> bool | None:
    return False if _REFUSED.search(said) else True if _SHELL.search(said) else None


def _bind(said: bytes) -> bool:
    """Whether a message is a simple bind of LDAP with a password (RFC 4511, section 4.2)."""
    place = said.find(b"\x02\x01\x03\x04", 0, 24)
    if place < 0 or not said.startswith(b"\x30") or b"\x60" not in said[4:place]:
        return False
    at = place + 5 + said[place + 4] if place + 4 < len(said) else len(said)
    return said[at : at + 1] == b"\x80" and said[at + 1 : at + 2] not in {b"", b"\0"}


def _bound(said: bytes) -> bool | None:
    place = said.find(b"\x0a\x01", 0, 24)
    return said[place + 2 : place + 3] == b"\0" if place > 0 and b"\x61" in said[:place] else None


def web_sends(request: bytes) -> bool:
    """Whether a request carries a password: in its head, or in a form or object that it posts."""
    head, _, body = request[:LINE_BYTES].partition(b"\r\n\r\n")
    return bool(_BASIC.search(head)) or (request.startswith(b"POST") and bool(_FORM.search(body)))


def asks_for_password(said: bytes) -> bool:
    """Whether a Telnet server waits for a password."""
    return bool(_PROMPT.search(said[-32:]))


FTP: Final = Way("FTP", lambda said: bool(_FTP.search(said)) and not _NOBODY.search(said), _lines(b"230", (b"331",)))
POP3: Final = Way("POP3", lambda said: bool(_POP3.search(said)), _lines(b"+OK", (b"+ ",)))
IMAP: Final = Way("IMAP", lambda said: bool(_IMAP.search(said)), _imap)
SMTP: Final = Way("SMTP", lambda said: bool(_SMTP.search(said)), _lines(b"235", (b"334",)))
LDAP: Final = Way("LDAP", _bind, _bound)
HTTP: Final = Way("HTTP", web_sends, _web)
TELNET: Final = Way("Telnet", lambda said: bool(said.strip(b"\xff\xfb\xfc\xfd\xfe\r\n\0")), _telnet)
BY_PORT: Final = {21: FTP, 23: TELNET, 2323: TELNET, 110: POP3, 143: IMAP, 25: SMTP, 587: SMTP, 389: LDAP, 3268: LDAP}


def is_nobody(said: bytes) -> bool:
    """Whether a client of FTP logs in as nobody in particular: what it sends then is no password (RFC 1635)."""
    return bool(_NOBODY.search(said))


def community(message: bytes) -> tuple[str, int, int] | None:
    """Version, kind of message and community of SNMP up to version 2c (RFC 1157, RFC 1901); None for anything else.

    The community is told by a hash that is keyed with a secret of this process. What stands behind an @ is none of it,
    but the part of the agent that is asked: its VLAN, or its context.
    """
    at = 2 if message[1:2] < b"\x80" else 2 + (message[1] & 0x7F)
    if not message.startswith(b"\x30") or message[at : at + 2] != b"\x02\x01" or message[at + 3 : at + 4] != b"\x04":
        return None
    version, begin = COMMUNITIES.get(message[at + 2]), at + 5
    end = begin + message[at + 4] if len(message) > at + 4 else len(message)
    if version is None or end >= len(message):
        return None
    return version, message[end], hash(message[begin:end].partition(b"@")[0])
