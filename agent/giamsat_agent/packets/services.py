# SPDX-License-Identifier: Apache-2.0
"""Datagrams from the ports of services, which are answers where somebody asked, or where questions are not seen.

Who is seen to ask services, but never asked the one that writes to him, is not answered by it. Who calls a group (SSDP,
WS-Discovery) is answered by all of it, by each from a port of its own.
"""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import among, mix
from giamsat_agent.packets.scanning import SERVED, SYSTEM_PORTS

SLOTS: Final = 1 << 14
"""Who asks, and whom, by a keyed hash; one that comes to the place of another takes it."""
_SHIFT: Final = np.uint64(50)
_SERVES: Final = OneOf(SERVED)


class Services:
    """Who is seen to ask services, and which of them, and from which port who calls a group."""

    def __init__(self) -> None:
        self._asking, self._asked, self._calling = (np.zeros(SLOTS, np.uint64) for _ in range(3))

    def answering(self, batch: Batch, udp: Numbers, talks: Numbers) -> Mask:
        """Which of these datagrams are answers; `talks` are the first of each source, its port and destination."""
        own, port = batch.source_port[udp], batch.destination_port[udp]
        # A server that answers many clients is not the one that asks; but no server answers with nothing.
        answers: Mask = _SERVES.at(own) & (port >= SYSTEM_PORTS) & (batch.payload[udp] > 0)
        self._hear(batch, talks)
        if not answers.any():
            return answers
        said = talks[_SERVES.at(batch.source_port[talks])]
        said = said[~_among(self._asked, mix(batch.destination[said], batch.source[said], batch.source_port[said]))]
        unasked = said[_among(self._asking, mix(batch.destination[said]))] if len(said) else said
        if len(unasked):
            keys = (
                mix(batch.source[some], batch.source_port[some], batch.destination[some]) for some in (udp, unasked)
            )
            answers &= ~among(*keys)
        return answers

    def _hear(self, batch: Batch, talks: Numbers) -> None:
        """Who asks, and who calls a group."""
        own, port = batch.source_port[talks], batch.destination_port[talks]
        to_group, high = batch.addresses.groups(batch.destination[talks]), own >= SYSTEM_PORTS
        asks = talks[_SERVES.at(port) & high & ~to_group]
        _note(self._asking, mix(batch.source[asks]))
        _note(self._asked, mix(batch.source[asks], batch.destination[asks], batch.destination_port[asks]))
        if to_group.any():
            # Who announces a service does so from its port, where others ask.
            calls = talks[to_group & high & (own != port)]
            _note(self._calling, mix(batch.source[calls], batch.source_port[calls]))

    def called(self, batch: Batch, tried: Numbers) -> Mask:
        """Which of these datagrams go to a port that a group was called from."""
        return _among(self._calling, mix(batch.destination[tried], batch.destination_port[tried]))


def _note(slots: Identities, numbers: Identities) -> None:
    slots[(numbers >> _SHIFT).view(np.int64)] = numbers


def _among(slots: Identities, numbers: Identities) -> Mask:
    found: Mask = slots[(numbers >> _SHIFT).view(np.int64)] == numbers
    return found
