# SPDX-License-Identifier: Apache-2.0
"""Who is at the other end of an IKE connection: charon names the address where it receives, not where a login fails.

Its lines begin `06[NET] <name|83> …`; the number is the connection's for as long as charon runs.
"""

import re
from typing import Final

from giamsat_agent.address import plain
from giamsat_agent.message import Meaning

PRODUCT: Final = "strongswan"
CONNECTIONS_KEPT: Final = 1_024
_CONNECTION: Final = re.compile(r"\d{2}\[[A-Z]{3}\] <(?:[^>|]{1,128}\|)?(\d{1,10})> ")
_RECEIVED: Final = re.compile(r"received packet: from ([0-9A-Fa-f.:]{2,45})\[")


class IkePeers:
    """Remembers the peer of each of the latest connections."""

    def __init__(self) -> None:
        self._peers: dict[str, str] = {}

    def join(self, text: str, meaning: Meaning | None) -> Meaning | None:
        """What a line says, with the peer of its connection if it names none itself."""
        connection = _CONNECTION.match(text)
        if connection is None:
            return meaning
        number = connection[1]
        received = _RECEIVED.match(text, connection.end())
        if received is not None and (peer := plain(received[1])) is not None:
            self._peers.pop(number, None)
            self._peers[number] = peer
            if len(self._peers) > CONNECTIONS_KEPT:
                del self._peers[next(iter(self._peers))]
        known = self._peers.get(number)
        if meaning is None or known is None or "source.ip" in meaning.fields:
            return meaning
        return Meaning(meaning.kind, {**meaning.fields, "source.ip": known})
