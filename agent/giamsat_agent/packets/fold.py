# SPDX-License-Identifier: Apache-2.0
"""One line for one offender's one behaviour: what was told again and again, because it went on, becomes one."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_wire.clock import SECOND_NS

PAUSE_NS: Final = 3600 * SECOND_NS
"""After so long a pause it is another one."""
TARGETS: Final = 1_024
MOST: Final = 8_192
"""Anomalies that are kept, so that a flood of made-up offenders fills no memory."""


class Fold:
    """Anomalies of one capture, in the order of their beginnings; `beyond` were only counted."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Anomaly] = {}
        self._done: list[Anomaly] = []
        self.beyond = 0

    def add(self, anomalies: Iterable[Anomaly]) -> None:
        """Take some in."""
        for anomaly in anomalies:
            self._add(anomaly)

    def _add(self, anomaly: Anomaly) -> None:
        key = (anomaly.name, anomaly.offender)
        before = self._open.get(key)
        if before is not None and anomaly.first_ns - before.last_ns > PAUSE_NS:
            self._done.append(before)
            before = None
        elif before is None and len(self._open) + len(self._done) >= MOST:
            self.beyond += 1
            return
        self._open[key] = anomaly if before is None else _joined(before, anomaly)

    def all(self) -> list[Anomaly]:
        """Everything taken in, folded."""
        return sorted([*self._done, *self._open.values()], key=lambda one: (one.first_ns, one.name))


def _joined(before: Anomaly, after: Anomaly) -> Anomaly:
    targets = tuple(dict.fromkeys((*before.targets, *after.targets)))[:TARGETS]
    names = before.counts.keys() | after.counts.keys()
    return replace(
        after,
        first_ns=min(before.first_ns, after.first_ns),
        last_ns=max(before.last_ns, after.last_ns),
        targets=targets,
        counts={name: max(before.counts.get(name, 0), after.counts.get(name, 0)) for name in sorted(names)},
        frames=tuple(dict.fromkeys((*before.frames, *after.frames))),
    )
