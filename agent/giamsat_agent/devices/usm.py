# SPDX-License-Identifier: Apache-2.0
"""Why a device does not accept an SNMPv3 user: it says so in reports, which need no key to be asked for (RFC 3414).

Pure: a question as bytes, and what an answer says.
"""

from dataclasses import dataclass
from typing import Final

from giamsat_agent.devices import ber
from giamsat_agent.devices.ber import BerError

GET, RESPONSE, REPORT = 0xA0, 0xA2, 0xA8
USM_STATS: Final = ".1.3.6.1.6.3.15.1.1"
UNSUPPORTED_LEVEL, NOT_IN_TIME_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION_ERROR = (
    f"{USM_STATS}.{number}.0" for number in range(1, 7)
)
_UPTIME: Final = b"\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00"
_REPORTABLE: Final = b"\x04"
_SIZE: Final = 65_507
_MODEL: Final = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What a device answered: its engine, and the counter that its report names; empty when it was no report."""

    engine: bytes
    report: str


def question(number: int, *, engine: bytes = b"", user: str = "") -> bytes:
    """Ask for the uptime without a key; without an engine it is the discovery of RFC 3414, section 4."""
    header = _sequence(_number(number), _number(_SIZE), _octets(_REPORTABLE), _number(_MODEL))
    security = _sequence(_octets(engine), _number(0), _number(0), _octets(user.encode()), _octets(b""), _octets(b""))
    binding = _sequence(_sequence(_UPTIME + b"\x05\x00")) if engine else _sequence()
    pdu = _value(GET, _number(number) + _number(0) + _number(0) + binding)
    return _sequence(_number(3), header, _octets(security), _sequence(_octets(engine), _octets(b""), pdu))


def said(datagram: bytes) -> Said:
    """An answer to such a question.

    Raises:
        BerError: it is none.
    """
    parts = list(ber.elements(ber.element(datagram).content))
    if len(parts) != 4 or ber.number(parts[0]) != 3:  # noqa: PLR2004 - RFC 3412, section 6
        raise BerError("no message of SNMPv3")
    security = list(ber.elements(ber.element(parts[2].content).content))
    scoped = list(ber.elements(parts[3].content))
    if not security or len(scoped) != 3:  # noqa: PLR2004 - engine, name and PDU
        raise BerError("no plain answer of SNMPv3")
    report = ""
    if scoped[2].tag == REPORT:
        bindings = list(ber.elements(list(ber.elements(scoped[2].content))[-1].content))
        report = ber.identifier(ber.element(bindings[0].content)) if bindings else ""
    return Said(security[0].content, report)


def _value(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x82, size >> 8, size & 0xFF])  # noqa: PLR2004 - X.690, 8.1.3
    return bytes([tag]) + length + content


def _number(value: int) -> bytes:
    return _value(ber.INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _octets(value: bytes) -> bytes:
    return _value(ber.OCTETS, value)


def _sequence(*values: bytes) -> bytes:
    return _value(ber.SEQUENCE, b"".join(values))
