# SPDX-License-Identifier: Apache-2.0
"""Who is seen to begin connections: where only one direction is seen, only answers to the others show what they do."""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.detector import mix

SLOTS: Final = 1 << 15
"""Hosts, by a hash with a secret; one that comes to the place of another takes it."""
_SHIFT: Final = np.uint64(49)


class Callers:
    """The hosts that were seen to begin connections lately."""

    def __init__(self) -> None:
        self._seen = np.zeros(SLOTS, np.uint64)

    def hear(self, batch: Batch) -> None:
        """The next frames."""
        begun = mix(batch.source[batch.begins])
        self._seen[_slots(begun)] = begun

    def unseen(self, hosts: Identities) -> Mask:
        """Which of these were not."""
        who = mix(hosts)
        unseen: Mask = self._seen[_slots(who)] != who
        return unseen


def _slots(hashes: Identities) -> Numbers:
    return (hashes >> _SHIFT).view(np.int64)
