# SPDX-License-Identifier: Apache-2.0
"""When nothing comes from outside any more though it always did: the line is cut, and whatever goes out is in vain.

What is not answered then says nothing about who sent it. How long is long depends on how busy the line was: a silence
counts when EXPECTED things should have been heard meanwhile; a line of which nothing was heard is never cut.
"""

from collections import deque
from typing import Final

import numpy as np

from giamsat_agent.packets.batch import Batch
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS

EXPECTED: Final = 10
LEAST: Final = 5
"""Things heard within SPAN_NS before a silence."""
MOST: Final = 60
"""Things that are kept: no silence shorter than ten seconds counts."""
SPAN_NS: Final = 60 * SECOND_NS
MARGIN_NS: Final = 2 * SECOND_NS
"""What was sent so shortly before the last thing heard may have been lost already."""
SILENCES: Final = 16


class Silence:
    """When something was heard from outside lately, and when nothing was."""

    def __init__(self) -> None:
        self._heard: deque[int] = deque(maxlen=MOST)
        self._spans: deque[tuple[int, int]] = deque(maxlen=SILENCES)

    def hear(self, batch: Batch, places: Numbers) -> None:
        """Frames of which those that come from outside to the inside show that the line is there."""
        inside = batch.addresses.inside
        come = places[~inside(batch.source[places])]
        times = batch.time_ns[come[inside(batch.destination[come])]]
        if not len(times):
            return
        # Only a gap that may be long ends anything; between two of them the last things heard are enough.
        gaps = np.flatnonzero(np.diff(times, prepend=self._heard[-1] if self._heard else times[0]) >= _long(MOST))
        for part in np.split(times, gaps):
            if len(part):
                begin, end = self._heard[-1] if self._heard else int(part[0]), int(part[0])
                if end - begin >= _long(self._before()):
                    self._spans.append((begin - MARGIN_NS, end))
                self._heard.extend(part[-MOST:].tolist())

    def spans(self, now_ns: int, patience_ns: int) -> list[tuple[int, int]]:
        """The silences until now; with patience also what is not long enough to say, but may become one."""
        found = list(self._spans)
        before = self._before()
        if before >= LEAST:
            since_ns = self._heard[-1]
            if now_ns - since_ns >= _long(before):
                found.append((since_ns - MARGIN_NS, now_ns))
            elif patience_ns:
                found.append((since_ns, now_ns))
        return found

    def _before(self) -> int:
        """How many things were heard in the last SPAN_NS of hearing."""
        return sum(self._heard[-1] - at_ns <= SPAN_NS for at_ns in self._heard) if self._heard else 0


def _long(heard: int) -> int:
    """How many nanoseconds are a silence, after so many things were heard."""
    return SPAN_NS * EXPECTED // heard if heard >= LEAST else 1 << 62
