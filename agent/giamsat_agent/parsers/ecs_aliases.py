# SPDX-License-Identifier: Apache-2.0
"""Named values whose names tell what they are, whatever program wrote them.

Each ECS field lists the names that programs commonly give it, compared without case and without `_`, `-` and `.`; a
nested name counts by its last part too. ECS's own names are always known.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from giamsat_agent.address import plain
from giamsat_agent.message import Meaning
from giamsat_agent.parsers import decision, sign_in, typed_values
from giamsat_wire.record import FieldValue

NAMES_KEPT: Final = 4_096
NAME_CHARACTERS: Final = 64
"""How many names, and how long ones, are remembered as they are compared: a source's names come with every line."""
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "source.ip": (
        "clientip", "remoteip", "remoteaddr", "remoteaddress", "sourceip", "srcip", "src", "ip", "ipaddress",
        "clientaddr", "clientaddress", "clienthost", "sourceipaddress", "callerip", "peer", "peeraddr", "addrremote",
        "rhost", "remote", "hostremote", "remotehost", "requestclientip", "requestremoteip",
        "fromip", "visitorip", "ipclient", "originaddress", "srcaddr", "saddr", "sourceaddr", "sourceaddress",
        "attackerip", "attacker", "sip", "client",
    ),
    "network.forwarded_ip": (
        "xforwardedfor", "httpxforwardedfor", "xforwardedforip", "forwardedfor", "headersxforwardedfor", "xff",
        "requestxforwardedfor", "requestheadersxforwardedfor", "xrealip", "httpxrealip", "headersxrealip",
    ),
    "source.port": ("srcport", "sourceport", "clientport", "remoteport", "spt", "requestremoteport", "sport"),
    "destination.ip": (
        "dstip", "destip", "destinationip", "dst", "serverip", "serveraddr", "dstaddr", "daddr", "destaddr",
        "destinationaddr", "destinationaddress", "targetip", "victimip", "dip",
    ),
    "destination.port": ("dstport", "destport", "destinationport", "dpt", "serverport", "dport", "targetport"),
    "user.name": (
        "user", "username", "userid", "login", "account", "suser", "duser", "usr", "email", "principal",
        "useridentityusername", "clientusername", "remoteuser", "httpuser", "acct", "identifier", "uname",
    ),
    "source.nat.ip": ("sourcetranslatedaddress", "natsrc", "xlatesrc", "transip", "srcnatip", "natsourceaddress"),
    "source.nat.port": ("sourcetranslatedport", "natsport", "xlatesport", "srcnatport", "natsourceport"),
    "destination.nat.ip": ("destinationtranslatedaddress", "natdst", "xlatedst", "dstnatip", "natdestinationaddress"),
    "destination.nat.port": ("destinationtranslatedport", "natdport", "xlatedport", "dstnatport", "natdestinationport"),
    "observer.ingress.zone": ("srczone", "sourcezone", "fromzone", "inzone", "sourcezonename"),
    "observer.egress.zone": ("dstzone", "destinationzone", "tozone", "outzone", "destinationzonename"),
    "observer.ingress.interface.name": ("deviceinboundinterface", "srcintf", "ininterface", "ingressinterface"),
    "observer.egress.interface.name": ("deviceoutboundinterface", "dstintf", "outinterface", "egressinterface"),
    "rule.name": ("rulename", "policyname", "firewallrule", "policy"),
    "network.transport": ("proto", "protocol", "transport", "ipproto"),
    "http.request.method": (
        "method", "requestmethod", "httpmethod", "verb", "httprequestmethod", "clientrequestmethod",
    ),
    "url.original": (
        "path", "uri", "requesturi", "requestpath", "httppath", "url", "httprequestpath", "requesturl",
        "clientrequesturi",
    ),
    "http.response.status_code": (
        "status", "statuscode", "downstreamstatus", "responsestatus", "httpstatus", "resstatuscode", "responsecode",
        "edgeresponsestatus", "response",
    ),
    "http.response.body.bytes": ("size", "bytes", "bytessent", "bodybytessent", "downstreamcontentsize"),
    "user_agent.original": (
        "useragent", "httpuseragent", "requestuseragent", "headersuseragent", "requestheadersuseragent", "ua",
        "clientrequestuseragent", "agent",
    ),
    "http.request.referrer": ("referer", "referrer", "httpreferer", "requestheadersreferer"),
    "url.domain": ("host", "vhost", "requesthost", "servername", "httphost", "clientrequesthost"),
}  # fmt: skip
_ADDRESSES: Final = frozenset({"sip", "dip", "attacker", "client"})
"""Names that stand for addresses and for other things."""
_REQUEST_LINES: Final = frozenset({"request", "requestline", "req"})
_REQUEST_LINE: Final = re.compile(r"([A-Z]{3,12}) (\S{1,4096}+) HTTP/[\d.]{1,4}")
_FIELD_OF: Final = {name: field for field, names in _NAMES.items() for name in names}
_ORDER: Final = {name: place for names in _NAMES.values() for place, name in enumerate(names)}
_WITHIN: Final = 100
"""How far a name within another stands behind all that are whole: what was asked for may have such names, too."""
_ASIDE: Final = ("host.", "agent.", "log.", "file.", "process.", "observer.", "container.", "kubernetes.", "cloud.")
"""Objects of ECS that shippers add: what stands in them is of the machine that wrote the line, and of no peer."""
_STRIPPED: Final = str.maketrans("", "", "_-. /")
_ECS: Final = frozenset(_NAMES)
_WORDS: Final = (
    "message",
    "msg",
    "error",
    "err",
    "event",
    "action",
    "eventname",
    "type",
    "reason",
    "description",
    "result",
    "eventtype",
    "code",
    "failurereason",
    "status",
    "errormessage",
    "outcome",
    "log",
)
"""Values that are words about what happened; in this order they are read as one text."""
_SAID: Final = frozenset(_WORDS)
_Named: TypeAlias = tuple[str, str, str, str]
"""A name, the whole and the last part of it as they are compared, and the value."""


def fields(values: Mapping[str, str]) -> dict[str, FieldValue]:
    """The ECS fields that these values are, by their names alone."""
    return _fields(_named(values))


def _fields(named: Sequence[_Named]) -> dict[str, FieldValue]:
    candidates: list[tuple[int, str, str]] = []
    for name, whole, last, text in named:
        if name in _ECS:
            candidates.append((-1, name, text))
            continue
        key = whole if whole in _FIELD_OF else last
        if key in _FIELD_OF and _is_one(key, text):
            candidates.append((_ORDER[key] + (0 if key == whole else _WITHIN), _FIELD_OF[key], text))
        if key == "request" and text.startswith("/"):
            candidates.append((90, "url.original", text))
        if key in _REQUEST_LINES and (line := _REQUEST_LINE.fullmatch(text)) is not None:
            candidates += [(90, "http.request.method", line[1]), (90, "url.original", line[2])]
    candidates.sort(key=lambda candidate: candidate[0])
    return typed_values.fields(
        (field, _first(text) if field.endswith(".ip") else text) for _, field, text in candidates
    )


def _is_one(key: str, text: str) -> bool:
    """Whether a value is what its name says where the name says other things, too; a number is no account's name."""
    if key in _ADDRESSES:
        return plain(typed_values.endpoint(text)[0]) is not None
    return key != "userid" or not text.isdecimal()


def meaning(values: Mapping[str, str]) -> Meaning | None:
    """What values say that no product knows: a request, a login when their words tell of one, or a decision."""
    named = _named(values)
    known = _fields(named)
    if "http.request.method" in known and "http.response.status_code" in known and "url.path" in known:
        return Meaning("http-request", known)
    told = sign_in.of_values(_words(named), known)
    if told is not None:
        return told
    named.reverse()  # of a name that comes twice, the first
    # What a request carried stands nested: no value of it is a finding.
    found = decision.finding({whole: text for _, whole, _, text in named}, known)
    return found or decision.of_values({last: text for _, _, last, text in named}, known)


def words(values: Mapping[str, str]) -> str:
    """The values that are words, as one text."""
    return _words(_named(values))


def _words(named: Sequence[_Named]) -> str:
    said: dict[str, str] = {}
    for _, _, last, text in named:
        if last in _SAID and last not in said:
            said[last] = text
    return " ".join([said[name] for name in _WORDS if name in said])


def _named(values: Mapping[str, str]) -> list[_Named]:
    return [(name, *_forms(name), text) for name, text in values.items()]


def _forms(name: str) -> tuple[str, str]:
    """A name, and the last part of it, as they are compared: those of ordinary length are worked out once."""
    return _kept(name) if len(name) <= NAME_CHARACTERS else _kept.__wrapped__(name)


@lru_cache(maxsize=NAMES_KEPT)
def _kept(name: str) -> tuple[str, str]:
    whole = name.lower().translate(_STRIPPED)
    last = "" if name.startswith(_ASIDE) else name.rpartition(".")[2]
    return whole, last.lower().translate(_STRIPPED)


def _first(text: str) -> str:
    """Of a list of proxies, the client."""
    return text.partition(",")[0].strip()
