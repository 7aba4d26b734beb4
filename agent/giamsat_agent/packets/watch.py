# SPDX-License-Identifier: Apache-2.0
"""Every detector over one stream of frames, be it a file or an interface."""

from collections.abc import Iterator

from giamsat_agent.packets.addresses import Addresses
from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import Chunk
from giamsat_agent.packets.detector import Waiting
from giamsat_agent.packets.detectors import every
from giamsat_agent.packets.greetings import Greetings
from giamsat_agent.packets.headers import decode


class Watch:
    """What is known of one stream."""

    def __init__(self) -> None:
        self._addresses = Addresses()
        self._greetings = Greetings()
        self._detectors = every()

    @property
    def evicted(self) -> int:
        """How much the detectors let go of for want of room."""
        return self._greetings.evicted + sum(detector.evicted for detector in self._detectors)

    def take(self, chunk: Chunk) -> Iterator[Anomaly]:
        """What the next frames show."""
        batch = self._greetings.joined(decode(chunk, self._addresses))
        for detector in self._detectors:
            yield from detector.take(batch)

    def rest(self) -> Iterator[Anomaly]:
        """What is left to tell when nothing more comes."""
        for detector in self._detectors:
            if isinstance(detector, Waiting):
                yield from detector.rest()
