# SPDX-License-Identifier: Apache-2.0
"""Why a device does not accept an SNMPv3 user: it says so in reports, which need no key to be asked for (RFC 3414).

Pure: a question as bytes, and what an answer says.
"""

from dataclasses import dataclass
from typing import Final

from giamsat_agent.devices import ber
from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.encode import identifier, octets, sequence, value
from giamsat_agent.devices.encode import number as written

GET, RESPONSE, REPORT = 0xA0, 0xA2, 0xA8
USM_STATS: Final = ".1.3.6.1.6.3.15.1.1"
UNSUPPORTED_LEVEL, NOT_IN_TIME_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION_ERROR = (
    f"{USM_STATS}.{number}.0" for number in range(1, 7)
)
_UPTIME: Final = identifier(".1.3.6.1.2.1.1.3.0")
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
    header = sequence(written(number), written(_SIZE), octets(_REPORTABLE), written(_MODEL))
    security = sequence(
        octets(engine),
        written(0),
        written(0),
        octets(user.encode()),
        octets(b""),
        octets(b""),
    )
    binding = sequence(sequence(_UPTIME + b"\x05\x00")) if engine else sequence()
    pdu = value(GET, written(number) + written(0) + written(0) + binding)
    return sequence(
        written(3),
        header,
        octets(security),
        sequence(octets(engine), octets(b""), pdu),
    )


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
