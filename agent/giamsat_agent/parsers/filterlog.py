# SPDX-License-Identifier: Apache-2.0
"""pfSense's and OPNsense's filterlog: comma-separated values whose meaning depends on those before them.

RULE,SUB,ANCHOR,TRACKER,INTERFACE,REASON,ACTION,DIRECTION,VERSION, then for IPv4 nine values (TOS, ECN, TTL, ID, OFFSET,
FLAGS, PROTOCOL NUMBER, PROTOCOL, LENGTH), for IPv6 six (CLASS, FLOW, HOPS, PROTOCOL, NUMBER, LENGTH), then SOURCE,
DESTINATION and for TCP and UDP their ports (docs.netgate.com, Raw Filter Log Format).
"""

from typing import Final

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed_values

_VERSION: Final = 8
_PROTOCOL: Final = {"4": 16, "6": 12}
_ADDRESSES: Final = {"4": 18, "6": 15}


def parse(text: str) -> Meaning | None:
    """What one packet's line says; None when it is none."""
    values = text.split(",", 40)
    version = values[_VERSION] if len(values) > _VERSION else ""
    at = _ADDRESSES.get(version, len(values))
    if len(values) < at + 2:
        return None
    protocol = values[_PROTOCOL[version]].lower()
    ports = values[at + 2 : at + 4] if protocol in {"tcp", "udp"} else []
    said = [
        ("rule.id", values[3] or values[0]), ("rule.ruleset", values[2]),
        ("observer.ingress.interface.name", values[4]), ("event.reason", values[5]),
        ("network.direction", {"in": "inbound", "out": "outbound"}.get(values[7], "")),
        ("network.transport", protocol), ("source.ip", values[at]), ("destination.ip", values[at + 1]),
        *zip(("source.port", "destination.port"), ports, strict=False),
    ]  # fmt: skip
    fields = typed_values.fields(said)
    passed = values[6] in {"pass", "nat", "rdr", "binat"}
    fields |= {"observer.product": "pf", "event.outcome": "success" if passed else "failure"}
    return Meaning("connection-allowed" if passed else "connection-denied", fields)
