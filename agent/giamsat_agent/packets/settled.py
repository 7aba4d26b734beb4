# SPDX-License-Identifier: Apache-2.0
"""Attempts that were answered as soon as they were made, which most are: columns in place of an object for each.

Each stands in a slot, found by a hash with a secret key, and gives it up when it was not made again for a day. What
finds another in its slot is followed one by one, as are the attempts of a source of which much stays unanswered.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.addresses import Identities
from giamsat_agent.packets.batch import Mask
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.detector import DAY_NS

SHIFT: Final = np.uint64(48)
SLOTS: Final = 1 << 16
"""As many as what is left of a hash can be."""


class Settled:
    """Attempts by a number for source, target and port, 0 where a slot is free."""

    def __init__(self) -> None:
        self._key = np.zeros(SLOTS, np.uint64)
        self._source = np.zeros(SLOTS, np.uint64)
        self._target = np.zeros(SLOTS, np.uint64)
        self._port = np.zeros(SLOTS, np.uint16)
        self._number = np.zeros(SLOTS, np.int64)
        self._last_ns = np.full(SLOTS, -DAY_NS - 1, np.int64)
        self._again = np.zeros(SLOTS, bool)

    def holds(self, keys: Identities) -> Mask:
        """Which of these are here."""
        here: Mask = self._key[_slots(keys)] == keys
        return here

    def take(
        self, keys: Identities, ends: tuple[Identities, Identities, Numbers], time_ns: Numbers, number: Numbers
    ) -> Mask:
        """Attempts in their order, of sources, at targets and ports; which of them are here now."""
        slots = _slots(keys)
        free = true_at(~self.holds(keys) & (time_ns - self._last_ns[slots] > DAY_NS))
        # Of several numbers for one slot the last is kept.
        self._key[slots[free[::-1]]] = keys[free[::-1]]
        first = free[::-1][self.holds(keys[free[::-1]])]
        at = slots[first]
        self._source[at], self._target[at], self._port[at] = (column[first] for column in ends)
        self._number[at], self._again[at] = number[first], False
        # The first of several that are the same begins, the others do it again.
        self._last_ns[at] = time_ns[first]
        here = self.holds(keys)
        again = here & (self._number[slots] != number)
        self._last_ns[slots[again]], self._again[slots[again]] = time_ns[again], True
        return here

    def made_once(self, keys: Identities, time_ns: Numbers, within_ns: int) -> Mask:
        """Which of these are here and were made but once, so shortly before."""
        slots = _slots(keys)
        once: Mask = self.holds(keys) & ~self._again[slots] & (time_ns - self._last_ns[slots] <= within_ns)
        return once

    def let_go(self, keys: Identities) -> Iterator[tuple[int, ...]]:
        """Those of these that are here, and are no longer: each source, target, port, last time, number, how often."""
        return self._gone(np.unique(_slots(keys[self.holds(keys)])))

    def let_go_of(self, source: int) -> Iterator[tuple[int, ...]]:
        """The same of all of a source."""
        return self._gone(true_at((self._source == np.uint64(source)) & (self._key != 0)))

    def _gone(self, slots: Numbers) -> Iterator[tuple[int, ...]]:
        columns = (self._source, self._target, self._port, self._last_ns, self._number)
        rows = zip(*(column[slots].tolist() for column in columns), (1 + self._again[slots]).tolist(), strict=True)
        self._key[slots], self._last_ns[slots] = 0, -DAY_NS - 1
        return rows


def _slots(keys: Identities) -> Numbers:
    return (keys >> SHIFT).view(np.int64)
