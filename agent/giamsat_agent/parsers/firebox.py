# SPDX-License-Identifier: Apache-2.0
"""Messages of WatchGuard's Fireware: `SERIAL (TIME) PROCESS[PID]: msg_id="CODE" …`.

What stands behind the code is `Allow|Deny IN OUT [LENGTH] PROTOCOL [HEADER TTL] SOURCE DESTINATION [PORT PORT]`, then
pairs and the policy in parentheses at the end; or it is a sentence (Fireware Log Catalog).
"""

import re
from typing import Final

from giamsat_agent.parsers.key_value import pairs

MARK: Final = 'msg_id="'
HEAD_CHARACTERS: Final = 160
"""How far into a message the code is looked for."""
_HEAD: Final = re.compile(
    r"(?:(?:[^\s()\[\]:]{1,64} )?(?:\([\dT:.-]{19,32}\) )?[\w.-]{1,64}(?:\[\d{1,10}\])?: |\[[^\]]{0,64}\] )?"
    r'msg_id="(?P<code>[^"]{1,32})" *'
)
_PACKET: Final = re.compile(
    r"(?P<disposition>Allow|Deny) (?P<in>\S{1,64}) (?P<out>\S{1,64}) (?:\d{1,6} )?"
    r"(?P<proto>[a-z][\w/-]{0,31})(?: \d{1,3} \d{1,3})?"
    r" (?P<src>[\da-fA-F.:]{2,45}) (?P<dst>[\da-fA-F.:]{2,45})(?: (?P<sport>\d{1,5}) (?P<dport>\d{1,5}))?(?: |$)"
)
_NAMES: Final = tuple(f"firebox.{name}" for name in _PACKET.groupindex)
"""The packet's values as they are told; its ports stand last."""
_PORTLESS: Final = frozenset({"icmp", "icmpv6", "igmp"})
"""Protocols whose two numbers are a type and a code."""


def values(text: str) -> dict[str, str] | None:
    """The code, the packet and the pairs of a message; None when it is another's."""
    if MARK not in text[:HEAD_CHARACTERS] or (head := _HEAD.match(text)) is None:
        return None
    rest = text[head.end() :].strip()
    own = {"firebox.code": head["code"], "message": rest}
    packet = _PACKET.match(rest)
    if packet is None:
        return own
    said = zip(_NAMES, packet.groups()[: -2 if packet["proto"] in _PORTLESS else None], strict=False)
    own.update([each for each in said if each[1] is not None])
    before, opened, policy = rest.rpartition("(")
    if opened and policy.endswith(")"):
        own["firebox.policy"] = policy[:-1]
        rest = before.rstrip()
    first = rest.find("=", packet.end())
    return pairs(rest[rest.rfind(" ", 0, first) + 1 :]) | own if first >= 0 else own
