# SPDX-License-Identifier: Apache-2.0
"""Stealth scans (ATT&CK T1046): segments with flags that no TCP sends (RFC 9293): none, FIN alone, or FIN PSH URG."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.attempts import Attempts
from giamsat_agent.packets.batch import FIN, PSH, TCP, URG, Batch
from giamsat_agent.packets.detector import SECOND_NS, Told, busiest

TARGETS: Final = 5
SPAN_NS: Final = 300 * SECOND_NS
LOOKED_AT: Final = 8_192
KINDS: Final = {0: "NULL", FIN: "FIN", FIN | PSH | URG: "Xmas"}


class StealthScan:
    """Targets of impossible segments, by source."""

    def __init__(self) -> None:
        self._attempts = Attempts()
        self._told: Told[int] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._attempts.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        odd = np.flatnonzero((batch.protocol == TCP) & np.isin(batch.flags, tuple(KINDS)) & (batch.payload == 0))
        for at in odd[:LOOKED_AT].tolist():
            who, now = int(batch.source[at]), int(batch.time_ns[at])
            target, port = int(batch.destination[at]), int(batch.destination_port[at])
            known = self._attempts.tried(who, target, port, now, int(batch.number[at]))
            its = sorted(known.unanswered(now), key=lambda one: one.at_ns)
            if len(its) < TARGETS or busiest([one.at_ns for one in its], SPAN_NS) < TARGETS:
                continue
            if self._told.due(who, now, len(its)):
                text, kind = batch.addresses.text, KINDS[int(batch.flags[at])]
                yield Anomaly(
                    name="scan_tcp_stealth",
                    severity=Severity.MEDIUM,
                    words=(
                        f"{text(who)} quét lén kiểu {kind} tới {text(target)}",
                        f"{text(who)} ran a stealth scan ({kind}) against {text(target)}",
                    ),
                    source_ip=text(who),
                    first_ns=its[0].at_ns,
                    last_ns=now,
                    targets=[Target(text(one.target), one.port) for one in its],
                    counts={"packets": sum(one.tries for one in its)},
                    frames=[one.number for one in its[:20]],
                )
