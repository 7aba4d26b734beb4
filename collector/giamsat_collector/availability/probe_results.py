# SPDX-License-Identifier: Apache-2.0
"""What the readings of a frame say of minutes."""

from collections.abc import Sequence
from dataclasses import replace

from giamsat_collector.availability.minutes import Seen, seen
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_wire.record import Columns


def told_of(stored: StoredFrame, sets: Sequence[Columns], *, period_s: float, checked: set[str]) -> tuple[Seen, ...]:
    """What they say of minutes, of an asset that has checks, as it is in `checked` from its first one on.

    What a clock out of order told is not believed.
    """
    told = []
    for reading in sets:
        when = stored.when(reading.wall_ns)
        if not when.clamped:
            one = seen(stored.agent, replace(reading, wall_ns=when.at_ns), period_s=period_s)
            if one.configured:
                checked.add(stored.agent)
            if stored.agent in checked:
                told.append(one)
    return tuple(told)
