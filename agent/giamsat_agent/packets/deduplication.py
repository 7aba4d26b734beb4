# SPDX-License-Identifier: Apache-2.0
"""One offender's one behaviour is told once, in however many ways it shows.

A login that is refused in clear text is a connection in vain as well, and a port that refuses one that nobody answered:
whoever of the detectors saw it first goes on to tell of it, and the others are silent meanwhile. What has grown several
times while one batch was looked at is told as it stands in the end.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from giamsat_agent.packets.anomaly import TARGETS, Anomaly, Kind, Target
from giamsat_agent.packets.detector import AGAIN_NS, Table

KEPT: Final = 8_192

Key = tuple[str, str, Target]
"""A class, its offender, and whom it is aimed at; a port only where it is aimed at no other."""


class Once:
    """Who told what lately."""

    def __init__(self) -> None:
        self._told: Table[Key, tuple[int, int]] = Table(KEPT)

    def spoken(self, teller: int, anomalies: Iterable[Anomaly]) -> Iterator[Anomaly]:
        """Those of one detector's findings in a batch that no other one told within a minute."""
        newest: dict[tuple[str, str, str, Target | None], list[Anomaly]] = defaultdict(list)
        for anomaly in anomalies:
            if anomaly.kind is Kind.POLICY:
                yield anomaly
            else:
                first = next(iter(anomaly.targets), None)
                its = newest[anomaly.name, anomaly.offender, anomaly.source_ip, first]
                # What began when the one before was over is another time: the frames of a file may span days.
                its[-1:] = [anomaly] if its and anomaly.first_ns <= its[-1].last_ns else [*its[-1:], anomaly]
        for anomaly in chain.from_iterable(newest.values()):
            keys = _keys(anomaly)
            told = [before for key in keys if (before := self._told.get(key)) is not None]
            if any(who != teller and abs(anomaly.last_ns - at_ns) <= AGAIN_NS for who, at_ns in told):
                continue
            for key in keys:
                self._told.put(key, (teller, anomaly.last_ns))
            yield anomaly


def _keys(anomaly: Anomaly) -> list[Key]:
    targets = anomaly.targets[:TARGETS]
    if len(targets) > 1:
        targets = [Target(target.ip) for target in targets]
    return [(anomaly.name, anomaly.offender, target) for target in dict.fromkeys(targets)]
