# SPDX-License-Identifier: Apache-2.0
"""Every detector over one stream of frames, be it a file or an interface."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from giamsat_agent.packets.addresses import Addresses
from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.batch import Batch
from giamsat_agent.packets.chunk import Chunk
from giamsat_agent.packets.detector import Detector, Waiting
from giamsat_agent.packets.detectors import every
from giamsat_agent.packets.detectors.listed import KnownBad
from giamsat_agent.packets.greetings import Greetings
from giamsat_agent.packets.headers import decode
from giamsat_agent.packets.listed import Listed


class Observer(Protocol):
    """Looks at frames without judging them."""

    def take(self, batch: Batch) -> None:
        """Look at the next frames."""
        ...


class Watch:
    """What is known of one stream; `observers` look at the same frames, decoded once."""

    def __init__(self, observers: Sequence[Observer] = (), detectors: Sequence[Detector] | None = None) -> None:
        """`detectors` that have seen nothing yet, in place of all there are."""
        self._observers = observers
        self._addresses = Addresses()
        self._greetings = Greetings()
        self._detectors = every() if detectors is None else detectors
        self._known_bad = KnownBad(Listed())

    @property
    def evicted(self) -> int:
        """How much the detectors let go of for want of room."""
        return self._greetings.evicted + sum(detector.evicted for detector in self._detectors)

    def know(self, listed: Listed) -> None:
        """What is known of evil from now on."""
        self._known_bad = KnownBad(listed)

    def hear(self, chunk: Chunk) -> None:
        """Take TLS hellos that were captured whole; the frames of `take`, which hold their beginnings, come after."""
        self._greetings.hear(decode(chunk, self._addresses))

    def take(self, chunk: Chunk) -> Iterator[Anomaly]:
        """What the next frames show."""
        batch = self._greetings.joined(decode(chunk, self._addresses))
        for observer in self._observers:
            observer.take(batch)
        for detector in (*self._detectors, self._known_bad):
            yield from detector.take(batch)

    def rest(self) -> Iterator[Anomaly]:
        """What is left to tell when nothing more comes."""
        for detector in self._detectors:
            if isinstance(detector, Waiting):
                yield from detector.rest()
