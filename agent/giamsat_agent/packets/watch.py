# SPDX-License-Identifier: Apache-2.0
"""Every detector over one stream of frames, be it a file or an interface."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
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
    """What is known of one stream; `observers` look at the same frames, decoded once.

    A detector that fails on some frames begins anew after them, and the others are not held up: else whoever found such
    frames could blind them all. `faults` counts that, `fault` is the last.
    """

    def __init__(self, observers: Sequence[Observer] = (), detectors: Sequence[Detector] | None = None) -> None:
        """`detectors` that have seen nothing yet, in place of all there are."""
        self._observers = observers
        self._addresses = Addresses()
        self._greetings = Greetings()
        self._detectors = list(every() if detectors is None else detectors)
        self._known_bad = KnownBad(Listed())
        self.faults = 0
        self.fault: Exception | None = None

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
        for place, detector in enumerate(self._detectors):
            yield from self._tried(place, partial(detector.take, batch))
        yield from self._known_bad.take(batch)

    def rest(self) -> Iterator[Anomaly]:
        """What is left to tell when nothing more comes."""
        for place, detector in enumerate(self._detectors):
            if isinstance(detector, Waiting):
                yield from self._tried(place, detector.rest)

    def _tried(self, place: int, look: Callable[[], Iterable[Anomaly]]) -> Sequence[Anomaly]:
        try:
            return list(look())
        except Exception as error:  # noqa: BLE001 - whatever it is, the other detectors go on
            self._detectors[place] = type(self._detectors[place])()
            self.faults += 1
            self.fault = error
            return ()
