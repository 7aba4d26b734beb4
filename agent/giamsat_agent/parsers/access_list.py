# SPDX-License-Identifier: Apache-2.0
"""What access lists of Cisco's IOS, IOS-XE and IOS-XR log of packets, whatever facility says it.

    %SEC-6-IPACCESSLOGP: list NAME denied tcp 192.0.2.1(51000) (Gi0/1 MAC) -> 198.51.100.1(443), 1 packet

The protocol, the ports, the interface and the address of the frame are each there or not (IPACCESSLOG P, DP, RP, NP, S,
SP; ACCESSLOG of IPv6; FMANFP's, behind the name of a process).
"""

import re
from typing import Final

from giamsat_agent.message import Meaning
from giamsat_agent.parsers import typed_values

MARK: Final = "ACCESSLOG"
_LINE: Final = re.compile(
    r"%[A-Z][\w-]{1,47}-\d-(?P<code>\w{0,16}ACCESSLOG\w{1,4}) ?: "
    r"(?>.{0,96}?\blist )(?P<rule>\S{1,128}) (?P<verdict>denied|permitted|deny|permit) "
    r"(?:(?P<proto>[a-z][\w-]{0,15}|\d{1,3}) )?(?:(?:[\da-fA-F]{2}-){5}[\da-fA-F]{2} )?"
    r"(?P<src>[\da-fA-F.:]{2,45})(?:\((?P<sport>\d{1,5})\))?"
    r"(?:(?>.{0,128}?-> ?)(?P<dst>[\da-fA-F.:]{2,45}[\da-fA-F:])(?:\((?P<dport>\d{1,5})\))?)?"
)
_NO_PROTOCOL: Final = "0"


def parse(text: str) -> Meaning | None:
    """What one packet's line says; None when it is none."""
    found = _LINE.match(text)
    if found is None:
        return None
    protocol = found["proto"] or ""
    fields = typed_values.fields(
        (
            ("observer.vendor", "Cisco"), ("observer.product", "IOS"), ("event.code", found["code"]),
            ("rule.name", found["rule"]), ("network.transport", "" if protocol == _NO_PROTOCOL else protocol),
            ("source.ip", found["src"]), ("source.port", found["sport"] or ""),
            ("destination.ip", found["dst"] or ""), ("destination.port", found["dport"] or ""),
        )
    )  # fmt: skip
    denied = found["verdict"].startswith("den")  # IOS-XR says deny
    fields["event.outcome"] = "failure" if denied else "success"
    return Meaning("connection-denied" if denied else "connection-allowed", fields)
