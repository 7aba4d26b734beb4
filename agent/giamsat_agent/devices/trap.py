# SPDX-License-Identifier: Apache-2.0
"""One SNMP notification: TRAP of version 1 (RFC 1157), TRAP and INFORM of version 2c (RFC 3416).

A version-1 trap is named as RFC 3584, section 3.1, translates it. Neither version proves who sent it; a community is a
word in clear text and is not kept. A message of version 3 is opened by giamsat_agent.devices.v3_trap.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from giamsat_agent.devices import ber
from giamsat_agent.devices.ber import BerError, Element
from giamsat_agent.devices.reading import Value

TRAP1, INFORM, TRAP2, RESPONSE = 0xA4, 0xA6, 0xA7, 0xA2
TRAP_OID: Final = ".1.3.6.1.6.3.1.1.4.1.0"
UPTIME: Final = ".1.3.6.1.2.1.1.3.0"
GENERIC: Final = ".1.3.6.1.6.3.1.1.5"
SPECIFIC: Final = 6
VARIABLES: Final = 64
"""Variables of one notification that are read; the rest is left."""
DATAGRAM: Final = 8_192


@dataclass(frozen=True, slots=True)
class Trap:
    """What was notified. `variables` are by object identifier; `sender` is who it says it is (version 1 only)."""

    version: int
    oid: str
    variables: Mapping[str, Value]
    sender: str = ""
    inform: bool = False


def decode(message: bytes) -> Trap:
    """A datagram as a notification.

    Raises:
        BerError: it is none; the message says why.
    """
    if len(message) > DATAGRAM:
        raise BerError(f"{len(message)} bytes, at most {DATAGRAM}")
    outer = ber.element(message)
    if outer.tag != ber.SEQUENCE:
        raise BerError(f"no SNMP message: tag {outer.tag:#x}")
    version, _, pdu = _three(outer.content)
    number = ber.number(version)
    if number == 0 and pdu.tag == TRAP1:
        return _version_1(pdu)
    if number == 1 and pdu.tag in {TRAP2, INFORM}:
        return _version_2(pdu)
    raise BerError(f"no notification: version {number}, message {pdu.tag:#x}")


def version(message: bytes) -> int:
    """The version of a message: 0, 1 or 3.

    Raises:
        BerError: it is no message of SNMP.
    """
    return ber.number(ber.element(ber.element(message[:DATAGRAM]).content)) if len(message) <= DATAGRAM else -1


def opened(pdu: Element) -> Trap:
    """The notification of an opened message of version 3.

    Raises:
        BerError: it is none.
    """
    if pdu.tag not in {TRAP2, INFORM}:
        raise BerError(f"no notification: message {pdu.tag:#x}")
    return replace(_version_2(pdu), version=3)


def answer(message: bytes) -> bytes:
    """The response to an INFORM: the same message but for its kind (RFC 3416, section 4.2.7)."""
    outer = ber.element(message)
    _, community, _ = _three(outer.content)
    at = outer.end - len(outer.content) + community.end
    return message[:at] + bytes([RESPONSE]) + message[at + 1 : outer.end]


def _three(content: bytes) -> tuple[Element, Element, Element]:
    parts = list(ber.elements(content))
    if len(parts) != 3:  # noqa: PLR2004 - version, community, PDU; version 3 has four
        if parts and parts[0].tag == ber.INTEGER:
            return parts[0], parts[0], Element(0, b"", 0)
        raise BerError(f"no SNMP message: {len(parts)} parts")
    return parts[0], parts[1], parts[2]


def _version_1(pdu: Element) -> Trap:
    parts = list(ber.elements(pdu.content))
    if len(parts) != 6:  # noqa: PLR2004 - RFC 1157, section 4.1.6
        raise BerError(f"a trap of {len(parts)} parts, not 6")
    enterprise, sender, generic, specific, uptime, variables = parts
    kind = ber.number(generic)
    if not 0 <= kind <= SPECIFIC:
        raise BerError(f"a generic trap {kind}")
    name = f"{ber.identifier(enterprise)}.0.{ber.number(specific)}" if kind == SPECIFIC else f"{GENERIC}.{kind + 1}"
    address = ".".join(map(str, sender.content)) if len(sender.content) == 4 else ""  # noqa: PLR2004 - IPv4
    return Trap(1, name, {UPTIME: ber.number(uptime), **_variables(variables)}, address)


def _version_2(pdu: Element) -> Trap:
    parts = list(ber.elements(pdu.content))
    if len(parts) != 4:  # noqa: PLR2004 - RFC 3416, section 3
        raise BerError(f"a notification of {len(parts)} parts, not 4")
    variables = _variables(parts[3])
    name = variables.pop(TRAP_OID, None)
    if not isinstance(name, str):
        raise BerError("a notification without snmpTrapOID")
    return Trap(2, name, variables, inform=pdu.tag == INFORM)


def _variables(found: Element) -> dict[str, Value]:
    return dict(_pairs(ber.elements(found.content)))


def _pairs(bindings: Iterable[Element]) -> list[tuple[str, Value]]:
    pairs = []
    for binding in bindings:
        parts = list(ber.elements(binding.content))
        if len(parts) != 2:  # noqa: PLR2004 - name and value
            raise BerError(f"a variable of {len(parts)} parts")
        pairs.append((ber.identifier(parts[0]), _value(parts[1])))
        if len(pairs) == VARIABLES:
            break
    return pairs


def _value(found: Element) -> Value:
    if found.tag in ber.NUMBERS:
        return ber.number(found)
    if found.tag == ber.IDENTIFIER:
        return ber.identifier(found)
    if found.tag == ber.IP_ADDRESS:
        return ".".join(map(str, found.content))
    return found.content if found.tag in {ber.OCTETS, ber.OPAQUE} else None
