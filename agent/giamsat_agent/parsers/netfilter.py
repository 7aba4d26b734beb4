# SPDX-License-Identifier: Apache-2.0
"""Packets that Linux's netfilter logs: iptables' LOG target, nftables' `log`, ufw, firewalld, routers built on them.

`PREFIX IN=eth0 OUT= MAC=… SRC=… DST=… … PROTO=TCP SPT=… DPT=…`: the prefix is the administrator's free text and all
there is to say whether the packet was dropped; a packet whose prefix says nothing was not let pass knowingly either,
and is counted as denied because that is what such rules are written for. What ufw audits it decides afterwards.
"""

import re
from typing import Final

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import key_value, typed_values

_ALLOWED: Final = ("accept", "allow", "pass", "permit")
_UNDECIDED: Final = "[UFW AUDIT"
_RULE_ALLOWED: Final = re.compile(r"\[[\w-]{1,64}-A\]")
"""EdgeOS and UniFi name rule set, rule and what it does: `[WAN_IN-2001-A]`; D and R are drop and reject."""
_FIELDS: Final = (
    ("SRC", "source.ip"), ("DST", "destination.ip"), ("SPT", "source.port"), ("DPT", "destination.port"),
    ("PROTO", "network.transport"), ("IN", "observer.ingress.interface.name"),
    ("OUT", "observer.egress.interface.name"), ("LEN", "network.bytes"),
)  # fmt: skip
_MAC_CHARACTERS: Final = 41
"""Both MAC addresses and the EtherType, as the kernel prints them together."""


def parse(text: str) -> Meaning | None:
    """What a packet's line says; None when it is none."""
    before, found, rest = text.partition("IN=")
    if not found:
        return None
    values = key_value.pairs(f"IN={rest}")
    fields = typed_values.fields((field, values[name]) for name, field in _FIELDS if name in values)
    if "source.ip" not in fields:
        return None
    mac = values.get("MAC", "")
    if len(mac) == _MAC_CHARACTERS:
        fields["destination.mac"], fields["source.mac"] = mac[:17], mac[18:35]
    prefix = before.rpartition("] ")[2].strip(" :") if before.startswith("[") and "] " in before else before.strip(" :")
    if prefix:
        fields["rule.name"] = prefix[:128]
    if _UNDECIDED in before:
        return Meaning("log-message", fields)
    said = before.lower()
    allowed = any(word in said for word in _ALLOWED) or _RULE_ALLOWED.search(before) is not None
    fields["event.outcome"] = "success" if allowed else "failure"
    return Meaning("connection-allowed" if allowed else "connection-denied", fields)
