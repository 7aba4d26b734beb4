# SPDX-License-Identifier: Apache-2.0
"""A capture from its first frame to its last: what the detectors found, how many frames, what was damaged."""

from collections.abc import Callable
from dataclasses import dataclass

from giamsat_agent.packets.addresses import Addresses
from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import Damage, Source
from giamsat_agent.packets.detectors import every
from giamsat_agent.packets.fold import Fold
from giamsat_agent.packets.headers import decode


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a capture."""

    anomalies: tuple[Anomaly, ...]
    frames: int
    damage: Damage | None
    evicted: int


def read(source: Source, progress: Callable[[int], None]) -> Findings:
    """Look at every frame of a source; `progress` is told how many frames have been looked at."""
    addresses, detectors, fold = Addresses(), every(), Fold()
    frames = 0
    for chunk in source.chunks():
        batch = decode(chunk, addresses)
        for detector in detectors:
            for anomaly in detector.take(batch):
                fold.add(anomaly)
        frames += len(batch)
        progress(frames)
    return Findings(tuple(fold.all()), frames, source.damage, sum(detector.evicted for detector in detectors))
