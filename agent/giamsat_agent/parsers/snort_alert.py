# SPDX-License-Identifier: Apache-2.0
"""An alert of Snort or Suricata in one line: "fast", as syslog passes it on, and comma-separated.

    [ACTION] [**] [GENERATOR:RULE:REVISION] WORDS [**] [Classification: …] [Priority: N] {PROTOCOL} A:P -> B:Q
    TIME,GENERATOR,RULE,REVISION,WORDS,PROTOCOL,A,P,B,Q,…             Snort 2, and pfSense with a verdict at the end
    TIME, NUMBER, PROTOCOL, …, LENGTH, DIRECTION, A:P, B:Q, GENERATOR:RULE:REVISION, ACTION                  Snort 3

A rule's words are those of its author, so the addresses are read from behind the last brace.
"""

import re
from typing import Final

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed_values
from giamsat_wire.record import FieldValue

PRODUCT: Final = "snort"
KIND: Final = "intrusion-detected"
_IP: Final = r"[0-9A-Fa-f:.]{2,45}"
WORDS_CHARACTERS: Final = 1_024
"""The most of a rule's words, and of what stands between them and the addresses."""
_HEAD: Final = re.compile(
    r"(?:\[(?P<action>[A-Za-z_]{4,16})\] )?(?:\[\*\*\] )?\[\d{1,10}:(?P<rule>\d{1,10}):\d{1,10}\] "
)
_ENDS: Final = re.compile(rf"\{{(?P<protocol>[\w-]{{1,32}})\}} (?P<from>{_IP}) ?-> ?(?P<to>{_IP})")
_CLASS: Final = re.compile(r" \[Classification: ([^\]]{1,256}+)\]")
_PRIORITY: Final = re.compile(r" \[Priority: (\d{1,3})\]")
_SAID: Final = re.compile(r"(.{0,1024}?)(?: \[\*\*\])?(?: \[[A-Z][\w ]{1,32}: [^\]]{0,256}+\]|$| From \")")
"""The rule's own words, before what Snort writes of it."""
_ROW: Final = re.compile(
    r"(?:[\d/]{5,10}-[\d:.]{8,20} ?, ?)?\d{1,10},(?P<rule>\d{1,10}),\d{1,10},"
    r'(?P<words>"[^"]{0,1024}+"|[^",]{0,1024}+),(?P<protocol>[A-Za-z][\w-]{1,32}+),'
    rf"(?P<from>{_IP}),(?P<port>\d{{0,5}}),(?P<to>{_IP}),(?P<to_port>\d{{0,5}})"
    r"(?:,\d{1,10},(?P<class>[^,]{0,256}+),(?P<priority>\d{1,3})(?:,(?P<action>\w{1,16}),(?P<verdict>\w{1,16}))?)?(?:,|$)"
)
_THIRD: Final = re.compile(
    r"(?:[\d/]{5,10}-[\d:.]{8,20}, )?\d{1,19}, (?P<protocol>[A-Z][\w-]{1,32}+), \w{1,32}, \d{1,10}, (?:C2S|S2C|UNK), "
    rf"(?P<from>{_IP}), (?P<to>{_IP}), \d{{1,10}}:(?P<rule>\d{{1,10}}):\d{{1,10}}, (?P<action>\w{{1,16}})$"
)
_PORTED: Final = frozenset({"tcp", "udp", "sctp"})
_DENYING: Final = frozenset({"drop", "sdrop", "block", "reject", "react", "rewrite"})
"""What became of the packet; `wDrop` and `would_drop` say that it passed."""


def parse(text: str) -> Meaning | None:
    """What an alert says; None when it is none."""
    if "} " in text and "[" in text:
        return _alert(text)
    if text.count(",") >= 8 and (row := _ROW.match(text) or _THIRD.match(text)) is not None:  # noqa: PLR2004 - columns
        return _row(row.groupdict())
    return None


def _alert(text: str) -> Meaning | None:
    brace = text.rfind("{")
    found = _ENDS.match(text, brace) if brace > 0 else None
    head = None if found is None else _HEAD.search(text, 0, brace)
    if found is None or head is None:
        return None
    words = text[head.end() : brace][:WORDS_CHARACTERS].rstrip()
    ported = found["protocol"].lower() in _PORTED
    said, category, priority = _SAID.match(words), _CLASS.search(words), _PRIORITY.search(words)
    return _meaning(
        {
            "rule.id": head["rule"],
            "threat.name": (said[1] if said else words).strip('" '),
            "rule.category": category[1] if category and category[1] != "(null)" else "",
            "event.severity": priority[1] if priority else "",
            "network.transport": found["protocol"],
        },
        {"source": _end(found["from"], port=ported), "destination": _end(found["to"], port=ported)},
        head["action"] or "",
    )


def _row(row: dict[str, str | None]) -> Meaning | None:
    def said(name: str) -> str:
        return row.get(name) or ""

    ends = {"source": (said("from"), said("port")), "destination": (said("to"), said("to_port"))}
    if "port" not in row:
        ported = said("protocol").lower() in _PORTED
        ends = {name: _end(address, port=ported) for name, (address, _) in ends.items()}
    told = {
        "rule.id": said("rule"),
        "threat.name": said("words").strip('" '),
        "rule.category": said("class").strip('"'),
        "event.severity": said("priority"),
        "network.transport": said("protocol"),
    }
    return _meaning(told, ends, said("verdict") or said("action"))


def _meaning(told: dict[str, str], ends: dict[str, tuple[str, str]], action: str) -> Meaning | None:
    fields: dict[str, FieldValue] = {"observer.product": "Snort"}
    for name, (address, port) in ends.items():
        typed_values.add(fields, ((f"{name}.ip", address), (f"{name}.port", port)))
    typed_values.add(fields, told.items())
    if "source.ip" not in fields:
        return None
    if action.lower() in _DENYING:
        fields["event.type"] = ("info", "denied")
    return Meaning(KIND, fields)


def _end(text: str, *, port: bool) -> tuple[str, str]:
    """Address and port of `A` and `A:P`; without `port` there is one only where more than an address stands."""
    if port or ("." in text and ":" in text) or text.count(":") == 8:  # noqa: PLR2004 - groups of an address
        address, _, number = text.rpartition(":")
        return (address, number) if address else (text, "")
    return text, ""
