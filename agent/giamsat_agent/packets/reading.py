# SPDX-License-Identifier: Apache-2.0
"""A capture from its first frame to its last: what the detectors found, how many frames, what was damaged."""

from collections.abc import Callable
from dataclasses import dataclass

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import Damage, Source
from giamsat_agent.packets.fold import Fold
from giamsat_agent.packets.watch import Watch


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a capture."""

    anomalies: tuple[Anomaly, ...]
    frames: int
    damage: Damage | None
    evicted: int


def read(source: Source, progress: Callable[[int], None]) -> Findings:
    """Look at every frame of a source; `progress` is told how many frames have been looked at."""
    watch, fold = Watch(), Fold()
    frames = 0
    for chunk in source.chunks():
        fold.add(watch.take(chunk))
        frames += len(chunk.offsets)
        progress(frames)
    fold.add(watch.rest())
    return Findings(tuple(fold.all()), frames, source.damage, watch.evicted)
