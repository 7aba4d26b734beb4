# SPDX-License-Identifier: Apache-2.0
"""Which connections are followed: those of which something is still waited for; all others cost a look at a table.

Each has its place by the hash of its ends, keyed with a secret; one that comes to the place of another takes it.
"""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Batch, Mask

SLOTS: Final = 1 << 14
_SHIFT: Final = np.uint64(50)


class Followed:
    """Connections by the hash of their ends; `some` says whether there are any."""

    def __init__(self) -> None:
        self._kept: Identities = np.zeros(SLOTS, np.uint64)
        self.some = False

    def add(self, keys: Identities) -> None:
        """Follow these connections."""
        if len(keys):
            self._kept[_slots(keys)] = keys
            self.some = True

    def drop(self, keys: Identities) -> None:
        """Follow these connections no more."""
        slots = _slots(keys)
        self._kept[slots[self._kept[slots] == keys]] = 0
        self.some = bool(self._kept.any())

    def among(self, keys: Identities) -> Mask:
        """Which of these are followed."""
        followed: Mask = self._kept[_slots(keys)] == keys
        return followed


def keys_of(batch: Batch, at: Numbers) -> Identities:
    """A number for the connection of each frame, the same for both directions; never 0, which stands for none."""
    return batch.talk[at] | np.uint64(1)


def _slots(keys: Identities) -> Numbers:
    return (keys >> _SHIFT).view(np.int64)
