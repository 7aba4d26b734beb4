# SPDX-License-Identifier: Apache-2.0
"""Requests as web servers and proxies log them.

The combined format in its many dialects: `[HOST ][CLAIMED, …]PEER IDENT USER [TIME] "METHOD TARGET PROTOCOL" STATUS
BYTES "REFERER" "USER AGENT" ["CLAIMED, …"] …`, where what X-Forwarded-For claims stands before the peer or behind the
user agent; and any other line that holds a peer's address, a method with a target, and a status. The
request is the peer's text: what the server wrote itself (address, status) is read outside the quotes only, and a line
without a request line (a TLS hello on a plain port) is a request all the same.
"""

import re
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed_values, x_forwarded_for
from giamsat_agent.parsers.word import begun
from giamsat_wire.record import FieldValue

_COMBINED: Final = re.compile(
    r"(?:(?P<domain>[\w.*-]{1,255}+)(?::(?P<port>\d{1,5}))? )?(?P<claimed>(?:[^\s,\"\[]{1,255}+, ){0,32}"
    r"(?:[0-9A-Fa-f]{0,4}+[:.][0-9A-Fa-f:.]{1,44}+ (?=[0-9A-Fa-f]{0,4}+[:.]))?)(?P<peer>[0-9A-Fa-f:.]{3,45}+),? "
    r"(?P<ident>\S{1,128}+) (?P<user>[^\[]{1,256}?) \[(?P<time>[^\]]{1,64}+)\] "
    r'(?:\S{1,255}+ )?"(?P<request>[^"\\]{0,8192}+(?:\\.[^"\\]{0,8192}+){0,512})" '
    r"(?P<status>\d{3}|-)(?P<after>.*)",
    re.DOTALL,
)
_METHODS: Final = begun(
    *("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "PROPPATCH", "MKCOL"),
    *("MOVE", "COPY", "LOCK", "UNLOCK", "REPORT", "SEARCH"),
    before=r"\w/",
)
_TARGET: Final = r'(?:[/*]|[\w+.-]{1,255}:)[^\s"]{0,4095}+'
_REQUEST: Final = re.compile(rf'(?P<method>{_METHODS})\b[ "]{{1,12}}(?P<target>{_TARGET})(?: HTTP/[\d.]{{1,4}})?"?')
_STATUS: Final = re.compile(r"(?<![\d.:/-])([1-5]\d\d)(?![\d.:/-])")
_PEER: Final = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]{2,4}:[0-9A-Fa-f:.]{1,41})(?![\w])")
_CLIENT: Final = re.compile(r"\bclient\W{1,3}([0-9A-Fa-f:.]{3,45})", re.IGNORECASE)
_ASIDE: Final = re.compile(r'\[[^\]\[]*+\]|"[^"\\]*+(?:\\.[^"\\]*+)*"')
_QUOTED: Final = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*)"')
_LIST: Final = re.compile(r"(?:[\w.:\[\]-]{3,64}+(?:, ?|$)){1,32}")
"""What X-Forwarded-For holds."""
_AGENT: Final = re.compile(r"\[(?:useragent|user-agent): ([^\]]{1,1024}+)\]", re.IGNORECASE)
REQUEST: Final = "http-request"


def combined(text: str) -> Meaning | None:
    """What a line in the combined format says; None when it is none."""
    if '" ' not in text:
        return None
    found = _COMBINED.match(text)
    if found is None or (peer := plain(found["peer"])) is None:
        return None
    fields: dict[str, FieldValue] = {"source.ip": peer}
    if found["status"] != "-":
        fields["http.response.status_code"] = int(found["status"])
    user = found["user"].strip()
    if user.strip('-" ') and found["ident"] == "-":
        fields["user.name"] = user
    host, claimed = found["domain"], found["claimed"]
    if host and (found["port"] or (host != "-" and plain(host) is None)):
        fields["url.domain"] = host
    elif host and not claimed:
        claimed = host  # an address without a port is a header's, not a site's
    fields |= request(found["request"])
    _after(fields, found["after"])
    if claimed.strip("-, "):
        fields[x_forwarded_for.CLAIM] = ",".join(claimed.replace(",", " ").split())
    return Meaning(REQUEST, fields)


def any_request(text: str) -> Meaning | None:
    """What a line says that holds a peer, a request and a status in any order; None when one of them is missing."""
    found = _REQUEST.search(text)
    if found is None:
        return None
    before, after = text[: found.start()], text[found.end() :]
    outside = f"{before} {after}"
    clients = {*_CLIENT.findall(outside)}
    peer = next((each for each in map(plain, clients or _PEER.findall(outside)) if each), None)
    status = _STATUS.search(_ASIDE.sub(" ", after)) or _STATUS.search(_ASIDE.sub(" ", before))
    # Of two clients a peer wrote one.
    if status is None or peer is None or len(clients) > 1:
        return None
    fields: dict[str, FieldValue] = {"source.ip": peer, "http.response.status_code": int(status[1])}
    fields["http.request.method"] = found["method"]
    fields |= typed_values.url(found["target"])
    agent = _AGENT.search(outside)
    quoted = [each for each in _QUOTED.findall(after) if "/" in each and not each.startswith(("http:", "https:", "/"))]
    if agent is not None:
        fields["user_agent.original"] = agent[1]
    elif quoted:
        fields["user_agent.original"] = quoted[0][: typed_values.VALUE_CHARACTERS]
    return Meaning(REQUEST, fields)


def request(line: str) -> dict[str, FieldValue]:
    """The fields of a request line; one that is none (a TLS hello, an empty line) is kept as http.request.line."""
    method, found, rest = line.partition(" ")
    if not found or not method.isalpha() or len(method) > 20:  # noqa: PLR2004 - no registered method is longer
        return {"http.request.line": line[: typed_values.VALUE_CHARACTERS]} if line else {}
    target, found, protocol = rest.rpartition(" ")
    if not protocol.startswith("HTTP/"):
        target, protocol = rest, ""
    fields: dict[str, FieldValue] = {"http.request.method": method, **typed_values.url(target)}
    if protocol:
        fields["http.version"] = protocol.removeprefix("HTTP/")
    return fields


def _after(fields: dict[str, FieldValue], after: str) -> None:
    size = after.split(maxsplit=1)[:1]
    if size and (number := typed_values.integer(size[0])) is not None:
        fields["http.response.body.bytes"] = number
    quoted = _QUOTED.findall(after)
    if quoted and quoted[0] not in {"-", ""}:
        fields["http.request.referrer"] = quoted[0][: typed_values.VALUE_CHARACTERS]
    if len(quoted) > 1 and quoted[1] not in {"-", ""}:
        fields["user_agent.original"] = quoted[1][: typed_values.VALUE_CHARACTERS]
    if len(quoted) > 2 and _LIST.fullmatch(quoted[2]) is not None:  # noqa: PLR2004 - behind the user agent
        fields[x_forwarded_for.CLAIM] = quoted[2]
