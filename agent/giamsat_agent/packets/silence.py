# SPDX-License-Identifier: Apache-2.0
"""When nothing comes from outside any more though it always did: the line is cut, and whatever goes out is in vain.

What is not answered then says nothing about who sent it. Whatever comes from outside shows that the line is there, a
refusal too. How long is long depends on how busy the line was, by connections that are ended in order, which a scan
does not bring: a silence counts when EXPECTED of them should have ended meanwhile, and when VAIN hosts that had
accepted connections were asked something in vain: where nobody is spoken to nobody answers. A line of which none was
seen to end is never cut.
"""

from collections import deque
from itertools import pairwise
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, SYN, TCP, Batch, Mask
from giamsat_agent.packets.detector import first_of_each, mix
from giamsat_wire.clock import SECOND_NS

EXPECTED: Final = 10
LEAST: Final = 5
"""Connections that ended within SPAN_NS before a silence."""
MOST: Final = 60
"""Connections that are kept: no silence shorter than ten seconds counts."""
SPAN_NS: Final = 60 * SECOND_NS
MARGIN_NS: Final = 2 * SECOND_NS
"""What was sent so shortly before the last thing heard may have been lost already."""
SILENCES: Final = 16
VAIN: Final = 3
SLOTS: Final = 1 << 12
"""Hosts outside that are remembered for having accepted a connection, by a hash with a secret."""
_SHIFT: Final = np.uint64(52)


class Silence:
    """When something was heard from outside last, how busy the line was then, and when nothing was heard."""

    def __init__(self) -> None:
        self._latest = (0, 0)
        self._heard_ns: int | None = None
        self._ended: deque[int] = deque(maxlen=MOST)
        self._spans: deque[tuple[int, int]] = deque(maxlen=SILENCES)
        self._accepted = np.zeros(SLOTS, np.uint64)
        self._vain: set[int] = set()
        """Hosts that had accepted connections and were asked something since anything was heard, VAIN at most."""

    def hear(self, batch: Batch) -> None:
        """The next frames; those of one batch once, however many ask."""
        if not len(batch):
            return
        # An interface that comes back numbers its frames anew.
        latest = (int(batch.number[-1]), int(batch.time_ns[-1]))
        if latest == self._latest:
            return
        self._latest = latest
        come = batch.arrivals
        if not len(come):
            if self._heard_ns is not None:
                self._ask(batch, 0, len(batch))
            return
        times, flags = batch.time_ns[come], batch.flags[come]
        turns = true_at(flags & (SYN | FIN))
        kind = flags[turns]
        accepting = batch.source[come[turns[(kind & (SYN | ACK)) == SYN | ACK]]]
        self._accepted[_slots(accepting)] = accepting
        # Who accepted nothing ends nothing: others are easily made up.
        ends = turns[(kind & (FIN | SYN | RST)) == FIN]
        ends = ends[self._has_accepted(batch.source[come[ends]])]
        before_ns = int(times[0]) if self._heard_ns is None else self._heard_ns
        # Only a gap that may be long ends anything; between two of them the last things heard are enough.
        gaps = (true_at(times[1:] - times[:-1] >= _long(MOST)) + 1).tolist()
        before = 0
        for first, last in pairwise((0, *gaps, len(times))):
            begin, end = before_ns, int(times[first])
            if end - begin >= _long(self._before(begin)):
                self._ask(batch, before, int(come[first]))
                if len(self._vain) >= VAIN:
                    self._spans.append((begin - MARGIN_NS, end))
            self._vain.clear()
            before, before_ns = int(come[last - 1]) + 1, int(times[last - 1])
            self._ended.extend(times[ends[(ends >= first) & (ends < last)]][-MOST:].tolist())
        self._heard_ns = before_ns
        self._ask(batch, before, len(batch))

    def _ask(self, batch: Batch, begin: int, end: int) -> None:
        """What is asked in these frames of hosts outside that had accepted connections."""
        if len(self._vain) >= VAIN or begin >= end:
            return
        some = slice(begin, end)
        asks = (batch.protocol[some] == TCP) & (((batch.flags[some] & SYN) != 0) | (batch.payload[some] > 0))
        asked = batch.destination[some][asks]
        asked = asked[self._has_accepted(asked)] if len(asked) else asked
        self._vain.update(asked[first_of_each(asked)][:VAIN].tolist())

    def _has_accepted(self, hosts: Identities) -> Mask:
        found: Mask = self._accepted[_slots(hosts)] == hosts
        return found

    def spans(self, now_ns: int, patience_ns: int) -> list[tuple[int, int]]:
        """The silences until now; with patience also what is not long enough to say, but may become one."""
        found, since_ns = list(self._spans), self._heard_ns
        before = 0 if since_ns is None else self._before(since_ns)
        if since_ns is not None and before >= LEAST:
            if now_ns - since_ns >= _long(before) and len(self._vain) >= VAIN:
                found.append((since_ns - MARGIN_NS, now_ns))
            elif patience_ns and now_ns - since_ns < _long(before):
                found.append((since_ns, now_ns))
        return found

    def _before(self, heard_ns: int) -> int:
        """How many connections ended in the last SPAN_NS of hearing."""
        return sum(heard_ns - at_ns <= SPAN_NS for at_ns in self._ended)


def _slots(hosts: Identities) -> Numbers:
    return (mix(hosts) >> _SHIFT).view(np.int64)


def _long(ended: int) -> int:
    """How many nanoseconds are a silence, after so many connections ended."""
    return SPAN_NS * EXPECTED // ended if ended >= LEAST else 1 << 62
