# SPDX-License-Identifier: Apache-2.0
"""Hashes that were met lately, each at its place in a table of fixed size; one that comes to another's takes it."""

import numpy as np

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Mask


class Slots:
    """As many places as `bits` count. The hashes are made with a secret: nobody can aim at a place."""

    def __init__(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._slots: Identities = np.zeros(1 << bits, np.uint64)

    def note(self, hashes: Identities) -> None:
        """These were met."""
        self._slots[self._places(hashes)] = hashes

    def among(self, hashes: Identities) -> Mask:
        """Which of these were met, and not taken the place of since."""
        found: Mask = self._slots[self._places(hashes)] == hashes
        return found

    def _places(self, hashes: Identities) -> Numbers:
        return (hashes >> self._shift).view(np.int64)
