# SPDX-License-Identifier: Apache-2.0
"""The part of BER (X.690) that SNMP uses (RFC 3417), read within bounds: whatever the bytes say, it ends soon.

Lengths are definite and no longer than what was received; numbers, identifiers and nesting have limits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from giamsat_agent.devices.errors import DeviceError

INTEGER, OCTETS, NULL, IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NUMBERS: Final = frozenset({INTEGER, COUNTER32, GAUGE32, TICKS, COUNTER64})
NUMBER_BYTES: Final = 9
"""64 bits and a sign."""
ARCS: Final = 128
"""Parts of an object identifier (RFC 2578, section 7.1.3)."""
LENGTH_BYTES: Final = 4
_LONG: Final = 0x80
_ARC_BYTES: Final = 5


class BerError(DeviceError):
    """The bytes are no such value; the message says why and where."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its tag, its content, and where it ends in what was read."""

    tag: int
    content: bytes
    end: int


def element(data: bytes, at: int = 0) -> Element:
    """The value that begins at a place.

    Raises:
        BerError: there is none, or it claims to be longer than what is there.
    """
    if at + 2 > len(data):
        raise BerError(f"byte {at}: a value is cut off")
    tag, length, start = data[at], data[at + 1], at + 2
    if length & _LONG:
        count = length & ~_LONG
        if not 0 < count <= LENGTH_BYTES or start + count > len(data):
            raise BerError(f"byte {at}: a length of {count} bytes")
        length, start = int.from_bytes(data[start : start + count]), start + count
    if start + length > len(data):
        raise BerError(f"byte {at}: a value claims {length} bytes, {len(data) - start} are there")
    return Element(tag, data[start : start + length], start + length)


def elements(data: bytes) -> Iterator[Element]:
    """The values that follow each other.

    Raises:
        BerError: see `element`.
    """
    at = 0
    while at < len(data):
        found = element(data, at)
        yield found
        at = found.end


def number(found: Element) -> int:
    """A number; counters and ticks have no sign.

    Raises:
        BerError: it is none, or too long.
    """
    if found.tag not in NUMBERS or not 0 < len(found.content) <= NUMBER_BYTES:
        raise BerError(f"no number: tag {found.tag:#x}, {len(found.content)} bytes")
    return int.from_bytes(found.content, signed=found.tag == INTEGER)


def identifier(found: Element) -> str:
    """An object identifier as people write it, with a dot before it.

    Raises:
        BerError: it is none, or too long.
    """
    if found.tag != IDENTIFIER or not found.content:
        raise BerError(f"no object identifier: tag {found.tag:#x}")
    arcs: list[int] = []
    value = size = 0
    for octet in found.content:
        value, size = value << 7 | octet & 0x7F, size + 1
        if size > _ARC_BYTES or len(arcs) >= ARCS:
            raise BerError("an object identifier is too long")
        if not octet & _LONG:
            arcs.append(value)
            value = size = 0
    if size:
        raise BerError("an object identifier is cut off")
    first = min(arcs[0] // 40, 2)
    return "." + ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
