# SPDX-License-Identifier: Apache-2.0
"""Datagrams from the ports of services, which are answers where somebody asked, or where questions are not seen.

Who is seen to ask services, but never asked the one that writes to him, is not answered by it. Who calls a group (SSDP,
WS-Discovery) is answered by all of it, by each from a port of its own.
"""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import mix
from giamsat_agent.packets.scanning import SERVED, SYSTEM_PORTS

SLOTS: Final = 1 << 14
"""Who asks, and whom, by a keyed hash; one that comes to the place of another takes it."""
_SHIFT: Final = np.uint64(50)
_SERVES: Final = OneOf(SERVED)


class Services:
    """Who is seen to ask services, in which talks, and from which port who calls a group."""

    def __init__(self) -> None:
        self._asking, self._asked, self._calling = (np.zeros(SLOTS, np.uint64) for _ in range(3))

    def answering(self, batch: Batch, udp: Numbers) -> Mask:
        """Which of these datagrams are answers."""
        own, port, talk = batch.source_port[udp], batch.destination_port[udp], batch.talk[udp]
        to_group, high = batch.addresses.groups(batch.destination[udp]), own >= SYSTEM_PORTS
        asks = _SERVES.at(port) & high & ~to_group
        _note(self._asking, mix(batch.source[udp[asks]]))
        _note(self._asked, talk[asks])
        if to_group.any():
            # Who announces a service does so from its port, where others ask.
            calls = udp[to_group & high & (own != port)]
            _note(self._calling, mix(batch.source[calls], batch.source_port[calls]))
        # A server that answers many clients is not the one that asks; but no server answers with nothing.
        answers: Mask = _SERVES.at(own) & (port >= SYSTEM_PORTS) & (batch.payload[udp] > 0)
        unasked = true_at(answers & ~_among(self._asked, talk))
        if len(unasked):
            answers[unasked] = ~_among(self._asking, mix(batch.destination[udp[unasked]]))
        return answers

    def called(self, batch: Batch, tried: Numbers) -> Mask:
        """Which of these datagrams go to a port that a group was called from."""
        return _among(self._calling, mix(batch.destination[tried], batch.destination_port[tried]))


def _note(slots: Identities, numbers: Identities) -> None:
    slots[(numbers >> _SHIFT).view(np.int64)] = numbers


def _among(slots: Identities, numbers: Identities) -> Mask:
    found: Mask = slots[(numbers >> _SHIFT).view(np.int64)] == numbers
    return found
