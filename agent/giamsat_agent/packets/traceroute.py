# SPDX-License-Identifier: Apache-2.0
"""Who looks for the way to a host: datagrams to high ports, each hop a few, the first of which gets no further."""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.detector import Room, Table

HOPS: Final = 30
"""As far as traceroute(8), tracepath(8) and mtr(8) look."""
PROBES: Final = 3
"""Datagrams to each hop."""
HIGH: Final = 32_768
"""They aim at ports above this, where no service listens."""
TRACERS: Final = 256
NOBODY: Final[Mask] = np.zeros(0, bool)


class Tracers:
    """How far each source has come on its way to a host, and by how many datagrams."""

    def __init__(self, room: Room) -> None:
        self._traced: Table[tuple[int, int], tuple[int, int]] = room.table(TRACERS)

    def looking(self, batch: Batch, tried: Numbers) -> Mask:
        """Which of these datagrams look for the way: they begin at the first hop and go on hop by hop."""
        if not len(tried):
            return NOBODY
        hops, looking = batch.ttl[tried], np.zeros(len(tried), bool)
        near = true_at((hops > 0) & (hops <= HOPS) & (batch.destination_port[tried] >= HIGH))
        ends = (batch.source, batch.destination, batch.ttl)
        for place, (_, who, target, hop) in zip(near.tolist(), batch.rows(tried[near], *ends), strict=True):
            before = self._traced.get((who, target))
            if hop == 1 and (before is None or before[0] > 1):
                # Who has come further before begins another round, as mtr(8) does.
                looking[place] = before is not None
                self._traced.put((who, target), (1, 1))
            elif before is not None and hop <= before[0] + 1:
                furthest, count = max(before[0], hop), before[1] + 1
                self._traced.put((who, target), (furthest, count))
                looking[place] = count <= PROBES * furthest
        return looking
