# SPDX-License-Identifier: Apache-2.0
"""Who talks to whom in a firewall's sentence: `… from ZONE:A/P to ZONE:B/P …`, `src ZONE:A dst ZONE:B`, `src = A`.

For messages of a known product of which no more than the number is known. What stands in quotes was chosen by somebody
and is not read; a sentence that names an end in two places can be read in two ways, and says nothing.
"""

import re
from typing import Final

from giamsat_agent.message import FAILURE, Meaning
from giamsat_agent.parsers import typed

PLAIN: Final = "log-message"
MESSAGE_CHARACTERS: Final = 1_024
"""How much of a message is searched."""
_ADDRESS: Final = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,37}(?:\.\d{1,3}){0,3})"
_QUOTED: Final = re.compile(r"""'[^']{0,256}'|"[^"]{0,256}"|<[^<>]{0,256}>""")
_BEFORE: Final = r"(?:\b[lfg]?addr )?(?:= ?)?"
_SOURCE: Final = re.compile(
    rf"\b(?:from|src|source)\b:? ?{_BEFORE}(?:(?P<zone>[A-Za-z][\w.-]{{0,47}}):)?(?P<ip>{_ADDRESS})"
    r"(?:[/(](?P<port>\d{1,5})\b\)?)?(?![\w:])"
)
_DESTINATION: Final = re.compile(
    rf"\b(?:to|dst|dest|destination)\b:? ?{_BEFORE}(?:(?P<zone>[A-Za-z][\w.-]{{0,47}}):)?(?P<ip>{_ADDRESS})"
    r"(?:[/(](?P<port>\d{1,5})\b\)?)?(?![\w:])"
)
_DENIED: Final = re.compile(
    r"\b(?:den(?:y|ied|ies)|drop(?:s|ped|ping)?|discard(?:s|ed|ing)?|reject(?:s|ed|ing)?|refused|block(?:s|ed|ing)?|"
    r"shunned|(?:invalid|bad) (?:\w{1,16} ){0,3}(?:field|hdr|header|flags|packet|length)|limit exceeded)\b",
    re.IGNORECASE,
)
_TRANSPORT: Final = re.compile(
    r"\b(?:protocol ?=? ?(?P<number>\d{1,3})\b|(?P<name>tcp|udp|icmp|gre|esp|sctp)\b)", re.IGNORECASE
)


def of_text(text: str) -> Meaning | None:
    """The ends that a sentence names, and that a connection was denied if it says so; None where it names none."""
    text = _QUOTED.sub("''", text[:MESSAGE_CHARACTERS])
    sources, destinations = list(_SOURCE.finditer(text)), list(_DESTINATION.finditer(text))
    if len(sources) != 1 or len(destinations) > 1:
        return None
    said = _end(sources[0], "source", "ingress")
    if not destinations:
        found = typed.fields(said)
        return Meaning(PLAIN, found) if "source.ip" in found else None
    said += _end(destinations[0], "destination", "egress")
    if (transport := _TRANSPORT.search(text)) is not None:
        said.append(("network.transport", transport["number"] or transport["name"]))
    found = typed.fields(said)
    if not found.keys() >= {"source.ip", "destination.ip"}:
        return None
    if _DENIED.search(text) is None:
        return Meaning(PLAIN, found)
    return Meaning("connection-denied", {**found, "event.outcome": FAILURE})


def _end(found: re.Match[str], side: str, way: str) -> list[tuple[str, str]]:
    named = (f"{side}.ip", found["ip"]), (f"{side}.port", found["port"]), (f"observer.{way}.zone", found["zone"])
    return [(name, text) for name, text in named if text]
