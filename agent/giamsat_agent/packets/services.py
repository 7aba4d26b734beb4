# SPDX-License-Identifier: Apache-2.0
"""Datagrams from the ports of services, which are answers where somebody asked, or where questions are not seen.

Who is seen to ask services, but never asked the one that writes to him, is not answered by it. Who calls a group (SSDP,
WS-Discovery) is answered by all of it, by each from a port of its own.
"""

from typing import Final

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import mix
from giamsat_agent.packets.scan_thresholds import SERVED, SYSTEM_PORTS
from giamsat_agent.packets.slots import Slots

BITS: Final = 14
"""Of the places for who asks, and whom."""
_SERVES: Final = OneOf(SERVED)


class Services:
    """Who is seen to ask services, in which talks, and from which port who calls a group."""

    def __init__(self) -> None:
        self._asking, self._asked, self._calling = (Slots(BITS) for _ in range(3))

    def answering(self, batch: Batch, udp: Numbers) -> Mask:
        """Which of these datagrams are answers."""
        own, port, talk = batch.source_port[udp], batch.destination_port[udp], batch.talk[udp]
        to_group, high = batch.addresses.groups(batch.destination[udp]), own >= SYSTEM_PORTS
        asks = _SERVES.at(port) & high & ~to_group
        self._asking.note(mix(batch.source[udp[asks]]))
        self._asked.note(talk[asks])
        if to_group.any():
            # Who announces a service does so from its port, where others ask.
            calls = udp[to_group & high & (own != port)]
            self._calling.note(mix(batch.source[calls], batch.source_port[calls]))
        # A server that answers many clients is not the one that asks; but no server answers with nothing.
        answers: Mask = _SERVES.at(own) & (port >= SYSTEM_PORTS) & (batch.payload[udp] > 0)
        unasked = true_at(answers & ~self._asked.among(talk))
        if len(unasked):
            answers[unasked] = ~self._asking.among(mix(batch.destination[udp[unasked]]))
        return answers

    def called(self, batch: Batch, tried: Numbers) -> Mask:
        """Which of these datagrams go to a port that a group was called from."""
        return self._calling.among(mix(batch.destination[tried], batch.destination_port[tried]))
