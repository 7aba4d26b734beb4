# SPDX-License-Identifier: Apache-2.0
"""What a certificate says of itself (RFC 5280): from when to when it holds, and whether it vouches for itself.

Only that is read, by walking the DER; whether anybody trusts it cannot be seen on the wire.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from giamsat_agent.packets.payloads.der import element
from giamsat_wire.clock import SECOND_NS

_SEQUENCE, _VERSION, _UTC_TIME, _TIME = 0x30, 0xA0, 0x17, 0x18
_LONG: Final = 0x80


@dataclass(frozen=True, slots=True)
class Validity:
    """Times are UNIX nanoseconds."""

    not_before_ns: int
    not_after_ns: int
    self_signed: bool


def validity(der: bytes) -> Validity | None:
    """What a certificate says; None when it cannot be read, or not as far as its subject. Its end may be missing."""
    try:
        inner = _begun(_begun(der))
        kind, _, after = element(inner, 0)
        at = after if kind == _VERSION else 0
        for _ in ("serial number", "signature"):
            _, _, at = element(inner, at)
        _, issuer, at = element(inner, at)
        _, times, at = element(inner, at)
        _, subject, _ = element(inner, at)
        first, begins, then = element(times, 0)
        second, ends, _ = element(times, then)
        return Validity(_instant(first, begins), _instant(second, ends), self_signed=issuer == subject)
    except (ValueError, OverflowError):
        return None


def _begun(data: bytes) -> bytes:
    """The content of the sequence that begins here, as much of it as there is."""
    if len(data) < 2 or data[0] != _SEQUENCE:  # noqa: PLR2004 - kind and length
        raise ValueError
    digits = data[1] & ~_LONG if data[1] & _LONG else 0
    return data[2 + digits :]


def _instant(kind: int, text: bytes) -> int:
    said = text.decode("ascii")
    if kind == _UTC_TIME:
        # Two digits of a year: 50 to 99 are of the last century (RFC 5280, section 4.1.2.5.1).
        said = ("19" if said >= "50" else "20") + said
    elif kind != _TIME:
        raise ValueError
    moment = datetime.strptime(said, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND_NS
