# SPDX-License-Identifier: Apache-2.0
"""What Kerberos says of logins (RFC 4120): who asks for a ticket, and why it is not given. Nothing secret is read."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from giamsat_agent.packets.payloads.der import element

ASKS, GIVES, REFUSES = 0x6A, 0x6B, 0x7E
"""AS-REQ, AS-REP and KRB-ERROR, by the first byte of each."""
UNKNOWN, WRONG = 6, 24
"""KDC_ERR_C_PRINCIPAL_UNKNOWN and KDC_ERR_PREAUTH_FAILED (section 7.5.9)."""
_SEQUENCE: Final = 0x30
_BODY, _CODE, _NAMED, _ASKED, _PARTS = 0xA4, 0xA6, 0xA8, 0xA1, 0xA1
"""Fields of messages: of a request its body, and in that the client's name; of an error its code and the name."""
_FIELDS: Final = 16
_NAME_BYTES: Final = 256


class Said(NamedTuple):
    """A message: what it is, the code of an error, and the name of the client, empty where it is not said."""

    kind: int
    code: int = 0
    name: bytes = b""


def said(message: bytes) -> Said | None:
    """What a message says; None when it is another one, or cannot be read."""
    if not message or message[0] not in {ASKS, GIVES, REFUSES}:
        return None
    if message[0] == GIVES:
        return Said(GIVES)
    try:
        fields = _fields(element(message, 0)[1])
        if message[0] == REFUSES:
            code = int.from_bytes(element(fields.get(_CODE, b""), 0)[1][:4])
            return Said(REFUSES, code, _name(fields.get(_NAMED)))
        return Said(ASKS, 0, _name(_fields(fields.get(_BODY, b"")).get(_ASKED)))
    except ValueError:
        return None


def _fields(data: bytes) -> Mapping[int, bytes]:
    """What a sequence holds, by the tag of each."""
    kind, content, _ = element(data, 0)
    if kind != _SEQUENCE:
        raise ValueError
    found: dict[int, bytes] = {}
    at = 0
    while at < len(content) and len(found) < _FIELDS:
        tag, part, at = element(content, at)
        found[tag] = part
    return found


def _name(field: bytes | None) -> bytes:
    """The parts of a name, one after the other."""
    return _fields(field).get(_PARTS, b"")[:_NAME_BYTES] if field else b""
