# SPDX-License-Identifier: Apache-2.0
"""Attempts that were answered as soon as they were made, which most are: columns in place of an object for each.

Each stands in one of two slots, found by a hash with a secret key, and gives it up when it was not made again for a
day. What finds both taken is followed one by one, as are the attempts of a source of which much stays unanswered.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Mask
from giamsat_agent.packets.detector import DAY_NS, first_of_each

SHIFT: Final = np.uint64(48)
OTHER_SHIFT: Final = np.uint64(32)
SLOTS: Final = 1 << 16
"""As many as what is left of a hash, or comes next in it, can be."""
_SLOT: Final = np.dtype(
    [
        *(("key", "u8"), ("source", "u8"), ("target", "u8"), ("number", "i8"), ("until_ns", "i8")),
        *(("port", "u2"), ("again", "?")),
    ],
    align=True,
)
"""What is known of one attempt stands side by side, so that it is found at once; until when it keeps its slot, too."""
KEPT_NS: Final = DAY_NS + 1
_LAST: Final = np.uint64(SLOTS - 1)


class Settled:
    """Attempts by a number for source, target and port, 0 where a slot is free."""

    def __init__(self) -> None:
        slots = np.zeros(SLOTS, _SLOT)
        self._key, self._source, self._target = slots["key"], slots["source"], slots["target"]
        self._port, self._number = slots["port"], slots["number"]
        # What was never written to takes no memory yet.
        self._until_ns, self._again = slots["until_ns"], slots["again"]

    def holds(self, keys: Identities) -> Mask:
        """Which of these are here."""
        here: Mask = (self._key[_first(keys)] == keys) | (self._key[_second(keys)] == keys)
        return here

    def _slots(self, keys: Identities) -> Numbers:
        """Where each of these stands, or may come to stand first."""
        second = _second(keys)
        slots: Numbers = np.where(self._key[second] == keys, second, _first(keys))
        return slots

    def take(
        self, keys: Identities, ends: tuple[Identities, Identities, Numbers], time_ns: Numbers, number: Numbers
    ) -> Mask:
        """Attempts in their order, of sources, at targets and ports; which of them are here now."""
        slots = self._slots(keys)
        new = true_at(self._key[slots] != keys)[::-1]
        taken = time_ns[new] < self._until_ns[slots[new]]
        slots[new[taken]] = _second(keys[new[taken]])
        new = new[time_ns[new] >= self._until_ns[slots[new]]]
        # Of several numbers for one slot the last is kept: that of the first attempt.
        self._key[slots[new]] = keys[new]
        first = new[self._key[slots[new]] == keys[new]]
        at = slots[first]
        self._source[at], self._target[at], self._port[at] = (column[first] for column in ends)
        self._number[at], self._again[at] = number[first], False
        # The first of several that are the same begins, the others do it again.
        self._until_ns[at] = time_ns[first] + KEPT_NS
        here: Mask = self._key[slots] == keys
        again = here & (self._number[slots] != number)
        self._until_ns[slots[again]], self._again[slots[again]] = time_ns[again] + KEPT_NS, True
        return here

    def made_once(self, keys: Identities, time_ns: Numbers, within_ns: int) -> Mask:
        """Which of these are here and were made but once, so shortly before."""
        slots = self._slots(keys)
        lately = time_ns - (self._until_ns[slots] - KEPT_NS) <= within_ns
        once: Mask = (self._key[slots] == keys) & ~self._again[slots] & lately
        return once

    def let_go(self, keys: Identities) -> Iterator[tuple[int, ...]]:
        """Those of these that are here, and are no longer: each source, target, port, last time, number, how often."""
        if not len(keys):
            return iter(())
        slots = self._slots(keys)
        slots = slots[self._key[slots] == keys]
        return self._gone(slots[first_of_each(slots)]) if len(slots) else iter(())

    def let_go_of(self, source: int) -> Iterator[tuple[int, ...]]:
        """The same of all of a source."""
        return self._gone(true_at((self._source == np.uint64(source)) & (self._key != 0)))

    def _gone(self, slots: Numbers) -> Iterator[tuple[int, ...]]:
        ends = (column[slots].tolist() for column in (self._source, self._target, self._port))
        last_ns, tries = (self._until_ns[slots] - KEPT_NS).tolist(), (1 + self._again[slots]).tolist()
        rows = zip(*ends, last_ns, self._number[slots].tolist(), tries, strict=True)
        self._key[slots] = self._until_ns[slots] = 0
        return rows


def _first(keys: Identities) -> Numbers:
    return (keys >> SHIFT).view(np.int64)


def _second(keys: Identities) -> Numbers:
    return (keys >> OTHER_SHIFT & _LAST).view(np.int64)
