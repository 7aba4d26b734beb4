# SPDX-License-Identifier: Apache-2.0
"""Servers whose certificate does not hold: expired, not valid yet, or signed by nobody but itself.

Up to TLS 1.2 the certificate is sent in the clear; TLS 1.3 hides it. Whether it is trusted otherwise cannot be seen
here. Goes by the clock of the capture. A server outside, which those who use it cannot mend, is not told.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.payloads.handshake import ServerCertificate
from giamsat_agent.packets.payloads.x509 import Validity
from giamsat_agent.packets.server_fault import ServerFaults

EXPIRED, NOT_YET, SELF_SIGNED = "expired", "not yet valid", "self-signed"
VIETNAMESE: Final = {EXPIRED: "đã hết hạn", NOT_YET: "chưa có hiệu lực", SELF_SIGNED: "tự ký"}


class BadCertificate:
    """Certificates that do not hold, by server, port and fault."""

    def __init__(self) -> None:
        self.room = Room()
        self._faults = ServerFaults(self.room, "bad_certificate", _words)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for shown in batch.greetings:
            if isinstance(shown, ServerCertificate):
                for fault in faults(shown.validity, shown.at_ns):
                    yield from self._faults.found(batch, shown, fault)


def _words(server: str, port: int, fault: str) -> tuple[str, str]:
    return (
        f"Chứng thư của {server} cổng {port} {VIETNAMESE[fault]}",
        f"The certificate of {server} port {port} is {fault}",
    )


def faults(validity: Validity, now_ns: int) -> Iterator[str]:
    """What is wrong with a certificate at that time."""
    if now_ns > validity.not_after_ns:
        yield EXPIRED
    if now_ns < validity.not_before_ns:
        yield NOT_YET
    if validity.self_signed:
        yield SELF_SIGNED
