# SPDX-License-Identifier: Apache-2.0
"""Servers that accept encryption nobody should rely on any more.

Versions before TLS 1.2 (RFC 8996, RFC 7568), and ciphers that hide nothing, are short enough to be tried out, or are
broken: NULL, without a certificate, EXPORT, DES, RC4 (RFC 7465) and 3DES (RFC 7525; NIST SP 800-131A). What the client
offers does not matter, only what the server chose. A server outside, which those who use it cannot mend, is not told.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.payloads.handshake import ServerGreeting
from giamsat_agent.packets.payloads.tls import TLS12, VERSIONS
from giamsat_agent.packets.server_fault import ServerFaults

WEAK: Final = {
    "NULL": (
        0x0000, 0x0001, 0x0002, 0x002C, 0x002D, 0x002E, 0x003B, 0x00B0, 0x00B1, 0x00B4, 0x00B5, 0x00B8, 0x00B9, 0xC001,
        0xC006, 0xC00B, 0xC010, 0xC015, 0xC039, 0xC03A, 0xC03B,
    ),
    "anon": (
        0x0018, 0x001B, 0x0034, 0x003A, 0x0046, 0x006C, 0x006D, 0x0089, 0x009B, 0x00A6, 0x00A7, 0x00BF, 0x00C5, 0xC016,
        0xC017, 0xC018, 0xC019, 0xC046, 0xC047, 0xC05A, 0xC05B, 0xC084, 0xC085,
    ),
    "EXPORT": (
        0x0003, 0x0006, 0x0008, 0x000B, 0x000E, 0x0011, 0x0014, 0x0017, 0x0019, 0x0026, 0x0027, 0x0028, 0x0029, 0x002A,
        0x002B,
    ),
    "DES": (0x0009, 0x000C, 0x000F, 0x0012, 0x0015, 0x001A, 0x001E, 0x0022),
    "RC4": (
        0x0004, 0x0005, 0x0020, 0x0024, 0x008A, 0x008E, 0x0092, 0xC002, 0xC007, 0xC00C, 0xC011, 0xC033,
    ),
    "3DES": (
        0x000A, 0x000D, 0x0010, 0x0013, 0x0016, 0x001F, 0x0023, 0x008B, 0x008F, 0x0093, 0xC003, 0xC008, 0xC00D, 0xC012,
        0xC01A, 0xC01B, 0xC01C, 0xC034,
    ),
}  # fmt: skip
"""Cipher suites (IANA, TLS Parameters) by what is wrong with them; one with two faults stands under the worse."""
_FAULTS: Final = {number: fault for fault, numbers in WEAK.items() for number in numbers}


class WeakEncryption:
    """Weak handshakes by server, port and fault."""

    def __init__(self) -> None:
        self.room = Room()
        self._faults = ServerFaults(self.room, "weak_tls", _words)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for greeting in batch.greetings:
            if isinstance(greeting, ServerGreeting):
                for fault in faults(greeting.hello.versions[0], greeting.hello.ciphers[0]):
                    yield from self._faults.found(batch, greeting, fault)


def _words(server: str, port: int, fault: str) -> tuple[str, str]:
    return (
        f"{server} cổng {port} chấp nhận mã hóa lỗi thời: {fault}",
        f"{server} port {port} accepts outdated encryption: {fault}",
    )


def faults(version: int, cipher: int) -> Iterator[str]:
    """What is wrong with what a server chose."""
    if version < TLS12:
        yield VERSIONS.get(version, "SSL 2.0")
    if cipher in _FAULTS:
        yield _FAULTS[cipher]
