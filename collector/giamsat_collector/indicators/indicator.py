# SPDX-License-Identifier: Apache-2.0
"""One thing that is known to be evil, and its one form of writing. What would match one's own hosts is refused.

Texts out of warnings are often written so that nobody follows them by accident (`hxxp://`, `[.]`); they are understood.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from giamsat_collector.errors import RefusedError

VALUE: Final = 2_000
"""Characters of a value at most."""
SHOWN: Final = 80
WIDEST: Final = {4: 8, 6: 16}
"""The shortest prefix of a network by IP version; a shorter one is a slip of the pen."""
_DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{1,62}[a-z]\Z")
_REGISTRY: Final = re.compile(r"(com|net|org|edu|gov|mil|co|ac|go|or|ne)\.[a-z]{2}\Z")
_SHA512: Final = 128
"""Hexadecimal digits of it. No event tells one."""
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_JA4: Final = re.compile(r"[tqd][a-z0-9]{9}_[0-9a-f]{12}_[0-9a-f]{12}\Z")
_HASH: Final = re.compile(r"([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})\Z")
_HARMLESS: Final = re.compile(r"\[(\.|:|@|://|dot|at)\]|\((\.|dot|at)\)", re.IGNORECASE)
_MEANT: Final = {"dot": ".", "at": "@"}
_SCHEME: Final = re.compile(r"\Ah(xx|tt)p(s?)://", re.IGNORECASE)
_PORTS: Final = {"http": 80, "https": 443}
_OWN: Final = tuple(
    (own.version, int(own[0]), int(own[-1]))
    for own in map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.168.0.0/16", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
        ),
    )
)
"""Where one's own hosts, and everybody's, are: RFC 1918, 6598, 1122, 3927, 4193, 4291, multicast."""


class Kind(StrEnum):
    """What an indicator is, as ECS names it in threat.indicator.type; JA4 has no name there."""

    ADDRESS = "ip-addr"
    DOMAIN = "domain-name"
    URL = "url"
    MAIL = "email-addr"
    FILE = "file"
    JA4 = "ja4"


WORDS: Final = {
    **dict.fromkeys(("ip", "ipv4", "ipv6", "ip-src", "ip-dst", "ipv4-addr", "ipv6-addr", "cidr", "net"), Kind.ADDRESS),
    **dict.fromkeys(("domain", "hostname", "fqdn", "domain-name"), Kind.DOMAIN),
    **dict.fromkeys(("url", "uri"), Kind.URL),
    **dict.fromkeys(("email", "sender", "email-src", "email-addr"), Kind.MAIL),
    **dict.fromkeys(("hash", "file", "md5", "sha1", "sha256"), Kind.FILE),
    "ja4": Kind.JA4,
}
"""What people call the kinds."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is evil, listed since and until a time (UNIX seconds), with 1 to 100 of trust, by whom, and why."""

    kind: Kind
    value: str
    since: int
    until: int
    confidence: int
    source: str = ""
    comment: str = ""


def understood(text: str, kind: Kind | None = None) -> tuple[Kind, str]:
    """The kind of a value, and the value as it is written here. No kind: as it looks.

    Raises:
        RefusedError: it is none, or would match what is nobody's in particular.
    """
    said = refanged(text)
    if not said or len(said) > VALUE or not said.isprintable():
        raise RefusedError(f"a value has 1 to {VALUE} characters that can be printed; this is none")
    kind = kind or _guessed(said)
    if kind is Kind.DOMAIN and address(said) is not None:  # lists of hosts hold addresses, too
        kind = Kind.ADDRESS
    return kind, _WRITTEN[kind](said)


def refanged(text: str) -> str:
    """A value as it was before somebody made it harmless."""
    said = _HARMLESS.sub(lambda found: _MEANT.get(found[0][1:-1].lower(), found[0][1:-1]), text.strip())
    return _SCHEME.sub(lambda found: f"http{found[2].lower()}://", said)


def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is; IPv4 within IPv6 is IPv4. None when it is none."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return None if found.scope_id else found.ipv4_mapped or found
    return found


def own(text: str) -> bool:
    """Whether a text is an address that only one's own network gives out."""
    found = address(text)
    return found is not None and _is_own(found.version, int(found), int(found))


def domain(text: str) -> str:
    """A name as it is compared: small ASCII letters, without the dot of the root."""
    name = text.lower().rstrip(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def url(text: str) -> tuple[str, str]:
    """An address of the web as it is compared (without scheme, usual port, user and fragment), and its host alone."""
    try:
        parts = urlsplit(text)
        host, port = domain(parts.hostname or ""), parts.port
    except ValueError:
        return "", ""
    where = host if port in {None, _PORTS.get(parts.scheme)} else f"{host}:{port}"
    return f"{where}{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", host


def _is_own(version: int, first: int, last: int) -> bool:
    return any(one == version and first <= end and begin <= last for one, begin, end in _OWN)


def _guessed(said: str) -> Kind:
    low = said.lower()
    if "://" in low:
        return Kind.URL
    if "@" in low:
        return Kind.MAIL
    if _HASH.match(low):
        return Kind.FILE
    if _JA4.match(low):
        return Kind.JA4
    start = low.partition("/")[0]
    return Kind.ADDRESS if ":" in start or start.replace(".", "").isdecimal() else Kind.DOMAIN


def _address(said: str) -> str:
    host, colon, port = said.partition(":")
    try:
        # Many lists name the port, too: whoever is evil there is no better on another.
        found = ipaddress.ip_network(host if colon and port.isdecimal() else said, strict=False)
    except ValueError as error:
        raise RefusedError(f"{said[:SHOWN]!r} is no address and no network") from error
    if isinstance(found, ipaddress.IPv6Network) and found.subnet_of(_MAPPED):
        mapped = found.network_address.ipv4_mapped
        found = ipaddress.ip_network((int(mapped or 0), found.prefixlen - _MAPPED.prefixlen))
    if found.prefixlen < WIDEST[found.version]:
        raise RefusedError(f"{said[:SHOWN]} is too wide; /{WIDEST[found.version]} is the widest")
    if _is_own(found.version, int(found.network_address), int(found.broadcast_address)):
        raise RefusedError(f"{said[:SHOWN]} is private or reserved and would match hosts of your own; take it out")
    return str(found.network_address) if found.prefixlen == found.max_prefixlen else str(found)


def _domain(said: str) -> str:
    name = domain(said.removeprefix("*").lstrip("."))
    if not _DOMAIN.match(name):
        raise RefusedError(f"{said[:SHOWN]!r} is no domain of two labels or more")
    if _REGISTRY.match(name):
        raise RefusedError(f"{name} holds the domains of everybody there; take it out")
    return name


def _url(said: str) -> str:
    whole, host = url(said if "://" in said else f"http://{said}")
    if not host:
        raise RefusedError(f"{said[:SHOWN]!r} is no URL")
    if own(host):
        raise RefusedError(f"{said[:SHOWN]} is private or reserved and would match hosts of your own; take it out")
    return whole


def _mail(said: str) -> str:
    local, at, host = said.lower().rpartition("@")
    if not at or not local or not _DOMAIN.match(domain(host)):
        raise RefusedError(f"{said[:SHOWN]!r} is no e-mail address")
    return f"{local}@{domain(host)}"


def _file(said: str) -> str:
    if not _HASH.match(said.lower()):
        raise RefusedError(f"{said[:SHOWN]!r} is no MD5, SHA-1 or SHA-256 in hexadecimal digits")
    if len(said) == _SHA512:
        raise RefusedError(f"{said[:16]}… is SHA-512, which no event tells; give the file's SHA-256")
    return said.lower()


def _ja4(said: str) -> str:
    if not _JA4.match(said.lower()):
        raise RefusedError(f"{said[:SHOWN]!r} is no JA4 such as t13d1516h2_8daaf6152771_b186095e22b6")
    return said.lower()


_WRITTEN: Final = {
    Kind.ADDRESS: _address,
    Kind.DOMAIN: _domain,
    Kind.URL: _url,
    Kind.MAIL: _mail,
    Kind.FILE: _file,
    Kind.JA4: _ja4,
}
