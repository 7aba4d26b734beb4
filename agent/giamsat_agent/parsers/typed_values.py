# SPDX-License-Identifier: Apache-2.0
"""Texts of a log as the values of ECS fields: numbers as numbers, addresses in their plain form, URLs taken apart."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Final, TypeAlias

from giamsat_agent.address import plain
from giamsat_wire.record import FieldValue

VALUE_CHARACTERS: Final = 2_048
"""The longest text of one field; what is longer is cut."""
Put: TypeAlias = Callable[[dict[str, FieldValue], str, str], None]
"""Puts a text into a field with this name, as what it is."""
Wanted: TypeAlias = tuple[str, str]
"""A value's name, and the field that it is."""
_INTEGERS: Final = frozenset(
    {
        "source.bytes", "destination.bytes", "source.packets", "destination.packets", "network.bytes",
        "network.packets", "http.response.status_code", "http.response.body.bytes", "http.request.body.bytes",
        "process.pid", "process.parent.pid", "event.severity", "event.duration",
    }
)  # fmt: skip
_ADDRESSES: Final = {
    "source.ip": "source.domain", "destination.ip": "destination.domain", "source.nat.ip": "", "destination.nat.ip": "",
    "client.ip": "client.domain", "server.ip": "server.domain", "observer.ip": "", "host.ip": "",
}  # fmt: skip
_PORTS: Final = {
    "source.ip": "source.port", "destination.ip": "destination.port", "source.nat.ip": "source.nat.port",
    "destination.nat.ip": "destination.nat.port", "client.ip": "client.port", "server.ip": "server.port",
}  # fmt: skip
_INTERFACED: Final = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3})?:\d{0,5}(?::[A-Z]|$)")
"""SonicWall's A:P:INTERFACE, whose address is left out where it is one of IPv6."""
_DOTTED: Final = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})(?:\Z|:[A-Z])", re.ASCII)
"""A:P and A:P:INTERFACE, which most lines hold."""
_FAMILY: Final = re.compile(r"(?:ipv[46]|tcp|udp|tls):(?=[\[\w])", re.IGNORECASE)
"""What stands before an address to say which kind it is, or how it was reached."""
_HEXADECIMAL: Final = re.compile(r"0x[\da-f]{1,15}", re.IGNORECASE)
_DIGITS: Final = 19
_PORT: Final = 65_535
_EMPTY: Final = frozenset({"", "-", "--", "N/A", "n/a", "(null)", "null", "(none)", "none", "undefined"})
_PROTOCOLS: Final = {
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "47": "gre",
    "50": "esp",
    "51": "ah",
    "58": "ipv6-icmp",
    "132": "sctp",
}
_UNTRANSLATED: Final = ("0.0.0.0", "::")  # noqa: S104 - addresses that are read, none that is listened on
_OUTCOMES: Final = {
    "success": "success", "succeeded": "success", "ok": "success", "true": "success", "yes": "success",
    "failure": "failure", "failed": "failure", "fail": "failure", "false": "failure", "no": "failure",
}  # fmt: skip


def fields(said: Iterable[tuple[str, str]]) -> dict[str, FieldValue]:
    """ECS fields of texts by ECS name; of a field that comes twice, the first that says something."""
    found: dict[str, FieldValue] = {}
    add(found, said)
    return found


def add(found: dict[str, FieldValue], said: Iterable[tuple[str, str]]) -> None:
    """Further fields, where none of that name is there yet."""
    for name, text in said:
        if text in _EMPTY or name in found:
            continue
        put = _PUTTING.get(name)
        if put is None:
            found[name] = text[:VALUE_CHARACTERS]
        else:
            put(found, name, text)


class Reader:
    """Reads the fields that values are, worked out once for all lines whose values have these names.

    Of a field that comes twice, the first counts that says something.
    """

    def __init__(self, these: Sequence[Wanted]) -> None:
        """Each name is one of every line's values."""
        last = tuple(reversed(these))
        self._plain, self._texts = _apart([each for each in last if each[1] not in _PUTTING])
        self._integers, self._numbers = _apart([each for each in last if each[1] in _INTEGERS])
        self._putting = tuple(
            (name, field, _PUTTING[field]) for name, field in these if field in _PUTTING and field not in _INTEGERS
        )

    def read(self, values: Mapping[str, str]) -> dict[str, FieldValue]:
        """The fields of one line."""
        found: dict[str, FieldValue] = {
            field: text[:VALUE_CHARACTERS]
            for field, text in zip(self._plain, self._texts(values), strict=True)
            if text not in _EMPTY
        }
        for field, text in zip(self._integers, self._numbers(values), strict=True):
            if text.isdecimal() and text.isascii() and len(text) <= _DIGITS:
                found[field] = int(text)
            elif text and (number := integer(text)) is not None:
                found[field] = number
        for name, field, put in self._putting:
            text = values[name]
            if text not in _EMPTY and field not in found:
                put(found, field, text)
        return found


def picking(names: Sequence[str]) -> Callable[[Mapping[str, str]], tuple[str, ...]]:
    """What picks the values with these names out."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


def _apart(these: Sequence[Wanted]) -> tuple[tuple[str, ...], Callable[[Mapping[str, str]], tuple[str, ...]]]:
    """The fields, and what picks their values out."""
    return tuple(field for _, field in these), picking([name for name, _ in these])


def _put_text(found: dict[str, FieldValue], name: str, text: str) -> None:
    found[name] = text[:VALUE_CHARACTERS]


def _put_integer(found: dict[str, FieldValue], name: str, text: str) -> None:
    if (number := integer(text)) is not None:
        found[name] = number


def _put_port(found: dict[str, FieldValue], name: str, text: str) -> None:
    if (number := integer(text)) is not None and number <= _PORT:
        found[name] = number


def _put_translated_port(found: dict[str, FieldValue], name: str, text: str) -> None:
    """A port that packets were given on the way; nought says that they kept theirs."""
    if (number := integer(text)) and number <= _PORT:
        found[name] = number


def _put_translated_address(found: dict[str, FieldValue], name: str, text: str) -> None:
    """An address that packets were given on the way; nought says that they kept theirs."""
    _put_address(found, name, text)
    if found.get(name) in _UNTRANSLATED:
        del found[name]


def _put_transport(found: dict[str, FieldValue], name: str, text: str) -> None:
    found[name] = _PROTOCOLS.get(text, text.partition("/")[0].strip().lower())


def _put_outcome(found: dict[str, FieldValue], name: str, text: str) -> None:
    if (outcome := _OUTCOMES.get(text.lower())) is not None:
        found[name] = outcome


def _put_url(found: dict[str, FieldValue], _: str, text: str) -> None:
    found.update(url(text))


def _put_user(found: dict[str, FieldValue], _: str, text: str) -> None:
    found.update(user(text))


def _put_address(found: dict[str, FieldValue], name: str, text: str) -> None:
    """An address, perhaps in brackets, with a port or a path behind it; a name goes to the domain beside it."""
    port: int | None
    if ":" not in text:
        if (address := plain(text)) is not None:
            found[name] = address
            return
        host, port = endpoint(text)
    elif (dotted := _DOTTED.match(text)) is not None:
        host, port = dotted[1], int(dotted[2])
    # What holds one colon is an address with a port; a scope may hold anything.
    elif (text.count(":") != 1 or "%" in text) and (address := plain(text)) is not None:
        found[name] = address
        return
    else:
        host, port = endpoint(text)
    address = plain(host)
    if address is None and host:
        if domain := _ADDRESSES[name]:
            found.setdefault(domain, host[:255])
        return
    if address is not None:
        found[name] = address
    if port is not None and (other := _PORTS.get(name)) is not None:
        found.setdefault(other, port)


def endpoint(text: str) -> tuple[str, int | None]:
    """Host and port of `A`, `A:P`, `[A]`, `[A]:P`, `A#P` and `IPV4/UDP/A/P`; a host may be empty before its port."""
    if (dotted := _DOTTED.match(text)) is not None:
        return dotted[1], int(dotted[2])
    text = text.strip().strip("\"'`<>()")
    if (family := _FAMILY.match(text)) is not None:
        text = text[family.end() :]
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, integer(rest.removeprefix(":"))
    if text.upper().startswith(("IPV4/", "IPV6/", "WS/")):
        host, _, port = text.rpartition("/")
        return host.rpartition("/")[2], integer(port)
    if ":" in text and _INTERFACED.match(text):
        host, port = text.split(":")[:2]
        return host, integer(port)
    for mark in ("#", ":"):
        if text.count(mark) == 1:
            host, _, port = text.partition(mark)
            return host, integer(port)
    return text.rstrip("."), None


def integer(text: str) -> int | None:
    """A whole number without a sign, as Windows' `0x1f4` too; None when it is none."""
    if not text.isdecimal():
        text = text.strip()
        if _HEXADECIMAL.fullmatch(text):
            return int(text, 16)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def url(text: str) -> Mapping[str, FieldValue]:
    """url.original, and its domain, path and query as they stand: nothing is decoded, so nothing is lost."""
    text = text[:VALUE_CHARACTERS]
    found: dict[str, FieldValue] = {"url.original": text}
    scheme, absolute, rest = text.partition("://")
    if absolute and scheme.isalpha():
        host, slash, path = rest.partition("/")
        host, mark, query = host.partition("?")
        rest = f"/{path}" if slash else f"/{mark}{query}"
        found["url.scheme"] = scheme.lower()
        found["url.domain"] = host.rpartition("@")[2]
    else:
        rest = text
    path, _, query = rest.partition("#")[0].partition("?")
    found["url.path"] = path
    if query:
        found["url.query"] = query
    extension = path.rpartition("/")[2].rpartition(".")[2]
    if extension and extension != path.rpartition("/")[2] and extension.isalnum() and not extension.isdecimal():
        found["url.extension"] = extension.lower()
    return found


def user(text: str) -> Mapping[str, FieldValue]:
    r"""user.name, and user.domain of `DOMAIN\name`; a name that ends so is one."""
    text = text.strip().rstrip(",;").strip("\"'`<>")[:256]
    domain, backslash, name = text.rpartition("\\")
    domain = domain.rstrip("\\")
    if not backslash or not name:
        return {"user.name": text} if text else {}
    found: dict[str, FieldValue] = {"user.name": name}
    return found | ({"user.domain": domain} if domain.strip("[]") else {})


_PUTTING: Final[Mapping[str, Put]] = {
    **dict.fromkeys(_INTEGERS, _put_integer),
    **dict.fromkeys(_PORTS.values(), _put_port),
    **dict.fromkeys(_ADDRESSES, _put_address),
    **dict.fromkeys(filter(None, _ADDRESSES.values()), _put_text),
    **dict.fromkeys(("source.nat.ip", "destination.nat.ip"), _put_translated_address),
    **dict.fromkeys(("source.nat.port", "destination.nat.port"), _put_translated_port),
    "network.transport": _put_transport,
    "event.outcome": _put_outcome,
    "url.original": _put_url,
    "user.name": _put_user,
}
"""How the texts of fields that are more than text become values."""
