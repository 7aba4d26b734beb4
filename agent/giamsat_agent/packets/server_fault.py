# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a server, told of once a day for each fault, as policy: by whom it was seen, and how often."""

from collections.abc import Callable, Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Daily, Room
from giamsat_agent.packets.payloads.handshake import ServerCertificate, ServerGreeting

Words = Callable[[str, int, str], tuple[str, str]]
"""The sentence in Vietnamese and in English, for a server's address, its port and the fault."""


class ServerFaults:
    """Faults by server and port. A server outside, which those who use it cannot mend, is not told."""

    def __init__(self, room: Room, name: str, words: Words) -> None:
        self._name: Final = name
        self._words: Final = words
        self._seen: Daily[tuple[int, int, str]] = Daily(room)

    def found(self, batch: Batch, shown: ServerGreeting | ServerCertificate, fault: str) -> Iterator[Anomaly]:
        """What to tell of a fault that a server showed."""
        client, server, _, port = shown.ends
        if batch.addresses.is_beyond(client, server):
            return
        count = self._seen.counted((server, port, fault), shown.at_ns)
        if not count:
            return
        text = batch.addresses.text
        yield Anomaly(
            kind=Kind.POLICY,
            name=self._name,
            severity=Severity.LOW,
            words=self._words(text(server), port, fault),
            source_ip=text(client),
            first_ns=shown.at_ns,
            last_ns=shown.at_ns,
            targets=[Target(text(server), port)],
            counts={"connections": count},
            about={"giamsat.policy.subject": fault, "tls.client.server_name": shown.server_name},
        )
