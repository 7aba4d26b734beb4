# SPDX-License-Identifier: Apache-2.0
"""A capture from its first frame to its last: what the detectors found, how many frames, what was damaged."""

from collections.abc import Callable
from dataclasses import dataclass

from giamsat_agent.packets.anomaly import Anomaly, Kind
from giamsat_agent.packets.chunk import Damage, Source
from giamsat_agent.packets.fold import Fold
from giamsat_agent.packets.indicator_lists import Listed
from giamsat_agent.packets.root_cause import Explained
from giamsat_agent.packets.watch import Watch


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a capture.

    `breaches` are ordinary, and what a policy may forbid; `beyond` were too many to be told. `fault` is the first
    way in which a detector failed, which is our own doing: what it might have found in those frames is not known.
    """

    anomalies: tuple[Anomaly, ...]
    breaches: tuple[Anomaly, ...]
    frames: int
    damage: Damage | None
    evicted: int
    beyond: int
    fault: Exception | None


def read(source: Source, progress: Callable[[int], None], listed: Listed | None = None) -> Findings:
    """Look at every frame of a source; `progress` is told how many frames have been looked at."""
    watch, fold = Watch(), Fold()
    watch.know(listed or Listed())
    frames = 0
    for chunk in source.chunks():
        fold.add(watch.take(chunk))
        frames += len(chunk.offsets)
        progress(frames)
    fold.add(watch.rest())
    kinds: dict[Kind, list[Anomaly]] = {kind: [] for kind in Kind}
    for one in Explained().left(fold.all()):
        kinds[one.kind].append(one)
    return Findings(
        anomalies=tuple(kinds[Kind.ANOMALY]),
        breaches=tuple(kinds[Kind.POLICY]),
        frames=frames,
        damage=source.damage,
        evicted=watch.evicted,
        beyond=fold.beyond,
        fault=watch.fault,
    )
