# SPDX-License-Identifier: Apache-2.0
"""What an alert saw that others can look for: addresses, names, URLs, files and senders, as objects of STIX 2.1.

Accounts are left out: they are people, and of the unit that was attacked.
"""

import ipaddress
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from giamsat_collector.alerts.alert import Alert

Json: TypeAlias = dict[str, Any]

_NAMESPACE: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Of the ids of such objects (STIX 2.1, section 2.9): whoever saw the same gives it the same id."""
_DOMAIN: Final = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_URL: Final = re.compile(r"(https?://)(?:[^/?#\\]*@)?((?:(?![@/?#\\])[!-~]){4,255}(?:[/?#][!-~]*)?)")
_URL_CHARACTERS: Final = 2_000
_MAIL: Final = re.compile(r"[!-?A-~]{1,64}@([!-~]{4,253})")
_HASHES: Final = {32: "MD5", 40: "SHA-1", 64: "SHA-256"}
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]+")


def observed(alert: Alert) -> tuple[Json, ...]:
    """Each thing once, in the order of their ids."""
    told = [*(group.group for group in alert.groups), *alert.evidence]
    found = (_READ[name](text) for event in told for name, text in _texts(event))
    return tuple(sorted({one["id"]: one for one in found if one}.values(), key=lambda one: str(one["id"])))


def _texts(event: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name in event.keys() & _READ.keys():
        value = event[name]
        every: Iterable[object] = value if isinstance(value, list | tuple) else (value,)
        yield from ((name, one) for one in every if isinstance(one, str))


def _address(text: str) -> Json | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id:
        return None
    return _valued(f"ipv{found.version}-addr", str(found))


def _domain(text: str) -> Json | None:
    name = text.lower().removesuffix(".")
    return _valued("domain-name", name) if _DOMAIN.fullmatch(name) else None


def _url(text: str) -> Json | None:
    """A URL without whoever it names before the host, and his password."""
    found = _URL.fullmatch(text) if len(text) <= _URL_CHARACTERS else None
    return _valued("url", found[1] + found[2]) if found else None


def _mail(text: str) -> Json | None:
    found = _MAIL.fullmatch(text)
    return _valued("email-addr", text) if found and _DOMAIN.fullmatch(found[1].lower()) else None


def _file(text: str) -> Json | None:
    low = text.lower()
    if len(low) not in _HASHES or not _HEXADECIMAL.fullmatch(low):
        return None
    return _identified("file", {"hashes": {_HASHES[len(low)]: low}})


def _valued(kind: str, value: str) -> Json:
    return _identified(kind, {"value": value})


def _identified(kind: str, said: Json) -> Json:
    """An object whose id is made of all that it says, in the JSON of RFC 8785."""
    seed = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid5(_NAMESPACE, seed)}", **said}


_READ: Final[Mapping[str, Callable[[str], Json | None]]] = {
    **dict.fromkeys(("source.ip", "destination.ip", "client.ip", "server.ip"), _address),
    **dict.fromkeys(("dns.question.name", "tls.client.server_name", "destination.domain", "server.domain"), _domain),
    "url.domain": _domain,
    **dict.fromkeys(("url.full", "url.original"), _url),
    **dict.fromkeys(("email.from.address", "email.sender.address"), _mail),
    **dict.fromkeys((f"{of}.hash.{by}" for of in ("file", "process") for by in ("sha256", "sha1", "md5")), _file),
}
"""How each field is read that names something others can look for."""
