# SPDX-License-Identifier: Apache-2.0
"""Every detector over one stream of frames, be it a file or an interface."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, Protocol

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import PADDING, Chunk
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.headers import decode
from giamsat_agent.packets.columns.link import RAW
from giamsat_agent.packets.deduplication import Once
from giamsat_agent.packets.detector import Detector, Waiting
from giamsat_agent.packets.detectors import every
from giamsat_agent.packets.detectors.indicators import KnownBad
from giamsat_agent.packets.guarded_detector import Guarded
from giamsat_agent.packets.indicator_lists import Listed
from giamsat_agent.packets.root_cause import Explained
from giamsat_agent.packets.tls_reassembly import Greetings
from giamsat_wire.clock import SECOND_NS

WAITED_NS: Final = 180 * SECOND_NS
"""After so long without a frame no detector waits for anything any more."""


class Observer(Protocol):
    """Looks at frames without judging them."""

    def take(self, batch: Batch) -> None:
        """Look at the next frames."""
        ...


class Watch:
    """What is known of one stream; `observers` look at the same frames, decoded once.

    A detector that fails on some frames holds up no other: else whoever found such frames could blind them all.
    """

    def __init__(
        self,
        observers: Sequence[Observer] = (),
        detectors: Sequence[Detector] | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """`detectors` that have seen nothing yet, in place of all there are; `meanwhile` is done after each of them."""
        self._observers = observers
        self._meanwhile = meanwhile
        self._addresses = Addresses()
        self._greetings = Greetings()
        self._detectors = [Guarded(each) for each in (every() if detectors is None else detectors)]
        self._known_bad = Guarded(KnownBad(Listed()), partial(KnownBad, Listed()))
        self._once = Once()
        self._explained = Explained()
        self._now_ns = self._number = 0

    @property
    def faults(self) -> int:
        """How often a detector failed."""
        return sum(each.failures for each in (*self._detectors, self._known_bad))

    @property
    def fault(self) -> Exception | None:
        """How the first of those that failed did so first: the same for as long as it lasts, so it is told once."""
        return next((each.fault for each in (*self._detectors, self._known_bad) if each.fault), None)

    @property
    def evicted(self) -> int:
        """How much the detectors let go of for want of room."""
        return self._greetings.room.evicted + sum(each.evicted for each in self._detectors)

    def know(self, listed: Listed) -> None:
        """What is known of evil from now on."""
        self._known_bad.exchange(partial(KnownBad, listed))

    def hear(self, chunk: Chunk) -> None:
        """Take TLS hellos that were captured whole; the frames of `take`, which hold their beginnings, come after."""
        self._greetings.hear(decode(chunk, self._addresses))

    def take(self, chunk: Chunk) -> Iterator[Anomaly]:
        """What the next frames show."""
        batch = self._greetings.joined(decode(chunk, self._addresses))
        for observer in self._observers:
            observer.take(batch)
        if len(batch):
            self._now_ns, self._number = int(batch.time_ns[-1]), int(batch.number[-1])
        yield from self._shown(batch)
        yield from self._known_bad.look(lambda detector: detector.take(batch), self._now_ns)

    def wait(self, now_ns: int) -> Iterator[Anomaly]:
        """What it shows that nothing has come until now: a frame that says nothing tells the detectors the time."""
        if not 0 <= now_ns - self._now_ns <= WAITED_NS:
            return
        nothing, at = np.zeros(PADDING, np.uint8), np.zeros(1, np.int64)
        yield from self._shown(decode(Chunk(nothing, at, at, at + now_ns, RAW, self._number), self._addresses))

    def _shown(self, batch: Batch) -> Iterator[Anomaly]:
        for number, each in enumerate(self._detectors):
            # Most find nothing in most batches.
            if shown := each.look(lambda detector: detector.take(batch), self._now_ns):
                yield from self._explained.spoken(self._once.spoken(number, shown))
            self._meanwhile()

    def rest(self) -> Iterator[Anomaly]:
        """What is left to tell when nothing more comes."""
        for number, each in enumerate(self._detectors):
            yield from self._explained.spoken(self._once.spoken(number, each.look(_rest, self._now_ns)))


def _rest(detector: Detector) -> Iterable[Anomaly]:
    return detector.rest() if isinstance(detector, Waiting) else ()
