# SPDX-License-Identifier: Apache-2.0
"""Stealth scans (ATT&CK T1046): segments with flags that no TCP sends.

Whether data goes with such flags makes no difference: it is there to look ordinary.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.attempts import Attempt, Attempts, Source
from giamsat_agent.packets.columns.batch import ACK, FIN, PSH, RST, SYN, URG, Batch
from giamsat_agent.packets.detector import Room, Told, busiest
from giamsat_wire.clock import SECOND_NS

TARGETS: Final = 5
SPAN_NS: Final = 300 * SECOND_NS
LOOKED_AT: Final = 8_192
KINDS: Final = {0: "NULL", FIN: "FIN", FIN | PSH | URG: "Xmas"}
LETTERS: Final = {SYN: "SYN", FIN: "FIN", RST: "RST", PSH: "PSH", ACK: "ACK", URG: "URG"}


class StealthScan:
    """Targets of impossible segments, by source."""

    def __init__(self) -> None:
        self.room = Room()
        self._attempts = Attempts(self.room)
        self._told: Told[int] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        touched: dict[int, tuple[Source, int]] = {}
        for at in batch.odd[:LOOKED_AT].tolist():
            who, now_ns = int(batch.source[at]), int(batch.time_ns[at])
            target, port = int(batch.destination[at]), int(batch.destination_port[at])
            touched[who] = (self._attempts.tried(who, target, port, now_ns, int(batch.number[at])), at)
        for who, (known, at) in touched.items():
            now_ns = int(batch.time_ns[at])
            its = sorted(known.unanswered(now_ns), key=lambda one: one.at_ns)
            if len(its) < TARGETS or busiest([one.at_ns for one in its], SPAN_NS) < TARGETS:
                continue
            if self._told.due(who, now_ns, len(its)):
                yield _anomaly(batch, at, its)


def _anomaly(batch: Batch, at: int, its: Sequence[Attempt]) -> Anomaly:
    text, kind = batch.addresses.text, kind_of(int(batch.flags[at]))
    who, target = text(int(batch.source[at])), text(int(batch.destination[at]))
    return Anomaly(
        name="scan_tcp_stealth",
        severity=Severity.MEDIUM,
        words=(f"{who} quét lén kiểu {kind} tới {target}", f"{who} ran a stealth scan ({kind}) against {target}"),
        source_ip=who,
        first_ns=its[0].at_ns,
        last_ns=int(batch.time_ns[at]),
        targets=[Target(text(one.target), one.port) for one in its],
        counts={"packets": sum(one.tries for one in its)},
        frames=[one.number for one in its],
    )


def kind_of(flags: int) -> str:
    """What such a scan is called, or which flags it has."""
    return KINDS.get(flags) or " ".join(name for flag, name in LETTERS.items() if flags & flag)
