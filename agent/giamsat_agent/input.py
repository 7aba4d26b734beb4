# SPDX-License-Identifier: Apache-2.0
"""The contract of what comes to the agent beside its own sensors: devices' logs and figures, the packet sensor.

An input runs for ever beside the schedule, hands events over as they arrive, and says with every reading what it
counted or measured. A fault of its own it says and tries again; nothing else of the agent stops.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from giamsat_wire.record import Event, Sample

Deliver: TypeAlias = Callable[[Sequence[Event]], None]
"""Takes events over at once, without waiting."""


class Input(Protocol):
    """Something that arrives."""

    async def run(self) -> None:
        """Take in what comes, until cancelled."""
        ...

    def samples(self) -> Iterator[Sample]:
        """What goes along with the next reading."""
        ...

    def problems(self) -> Mapping[str, str]:
        """What it cannot take in now, and why; shown by `giamsat-agent status`."""
        ...


def rest_s(every_s: float, took_s: float, rng: random.Random) -> float:
    """How long an input waits until its next turn, a second at least.

    Up to a twentieth more or less than `every_s`, so that nothing beats in step.
    """
    return max(every_s * (0.95 + 0.1 * rng.random()) - took_s, 1.0)
