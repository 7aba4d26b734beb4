# SPDX-License-Identifier: Apache-2.0
"""Alerts of ModSecurity and Coraza, wherever a web server puts them: `… [id "920350"] [msg "…"] [uri "/"] …`.

The tags are the firewall's own; a tag that comes twice may be the peer's text in `[data "…"]`, so the first counts. The
peer stands before the tags (`[client 192.0.2.1]`, Apache, Caddy) or after all of them (`, client: 192.0.2.1,`, nginx).
In the native audit log it stands in the first section of a transaction, the request in the second, the alerts in the
last but one.
"""

import re
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.message import Meaning
from giamsat_agent.parsers import access_log, typed_values
from giamsat_wire.record import FieldValue

_MARKS: Final = ("ModSecurity: ", "Coraza: ")
_TAG: Final = re.compile(r'\[(id|msg|severity|uri|hostname|ver|file) \\?"([^"\\]*+(?:\\.[^"\\]*+)*)"\]')
_CLIENT: Final = re.compile(r'\[client \\?"?([0-9A-Fa-f:.]{2,45})')
_NGINX: Final = ", client: "
_BOUNDARY: Final = re.compile(r"--[0-9A-Za-z]{4,32}-([A-Z])--$")
_TRANSACTION: Final = re.compile(
    r"\[[^\]]{10,40}\] \S{1,64} (?P<peer>[0-9A-Fa-f:.]{2,45}) (?P<port>\d{1,5}) [0-9A-Fa-f:.]{2,45} \d{1,5}$"
)
_REQUEST: Final = re.compile(r"[A-Z]{3,12} \S{1,8192} HTTP/\d")
_ALERT: Final = "Message: "
_REPEATED: Final = "Apache-Error: "
_FIELDS: Final = {
    "id": "rule.id", "msg": "threat.name", "severity": "log.level", "uri": "url.original", "hostname": "url.domain",
    "ver": "rule.version",
}  # fmt: skip


def parse(text: str) -> Meaning | None:
    """What one alert says; None when it is none."""
    at = max(text.find(mark) for mark in _MARKS)
    if at < 0:
        return None
    tags: dict[str, str] = {}
    for name, value in _TAG.findall(text[at:]):
        tags.setdefault(name, value)
    if "id" not in tags and "msg" not in tags:
        return None
    before, found, after = text.rpartition(_NGINX)
    peer = _CLIENT.search(text, 0, at) or _CLIENT.search(text)
    source = after.partition(",")[0] if found and before else peer[1] if peer else ""
    fields = typed_values.fields(
        [("source.ip", source), *((_FIELDS[name], tags[name]) for name in tags if name in _FIELDS)]
    )
    if "denied" in text[at : at + 120]:
        fields["event.type"] = ("info", "denied")
    return Meaning("intrusion-detected", {"observer.product": text[at : text.find(":", at)], **fields})


class Audited:
    """The native audit log: remembers whose transaction is being told, when it was, and what was asked for.

    Attributes:
        wall_ns: the time of the transaction, for its lines, which tell none of their own.
    """

    wall_ns: int | None = None

    def __init__(self) -> None:
        self._section = ""
        self._peer: dict[str, FieldValue] = {}
        self._asked: dict[str, FieldValue] = {}

    def line(self, text: str, wall_ns: int | None) -> tuple[Meaning, ...] | None:
        """What a line of the audit log says, nothing when it repeats another; None when it is no such line.

        `wall_ns` is the time that the line tells.
        """
        boundary = _BOUNDARY.match(text)
        if boundary is not None:
            self._section = boundary[1]
            if self._section in "AZ":
                self._peer, self._asked, self.wall_ns = {}, {}, None
            return ()
        if self._section == "A" and (found := _TRANSACTION.match(text)) is not None:
            peer = plain(found["peer"])
            self._peer = {"source.ip": peer, "source.port": int(found["port"])} if peer else {}
            self.wall_ns = wall_ns
            return ()
        if self._section == "B" and self._peer and not self._asked and _REQUEST.match(text):
            self._asked = access_log.request(text)
            return ()
        return self._alert(text) if self._section == "H" and self._peer else None

    def _alert(self, text: str) -> tuple[Meaning, ...] | None:
        """What a line of the section of alerts says."""
        if text.startswith(_REPEATED):
            return ()
        if not text.startswith(_ALERT):
            return None
        alert = parse(f"{_MARKS[0]}{text.removeprefix(_ALERT)}")
        return None if alert is None else (Meaning(alert.kind, {**self._asked, **alert.fields, **self._peer}),)
