# SPDX-License-Identifier: Apache-2.0
"""Scans by SCTP (ATT&CK T1046): associations that are asked for (INIT) or gone on with out of nothing (COOKIE ECHO).

RFC 9260: who listens accepts with INIT ACK, and with COOKIE ACK what really goes on; who does not, aborts. An asker
that aborts at once what was accepted only wanted to know. The floors are those of other scans.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.attempts import Attempts, Source
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.scan_thresholds import Scanning

SCTP: Final = 132
HEADER: Final = 12
INIT, INIT_ACK, ABORT, COOKIE_ECHO, COOKIE_ACK = 1, 2, 6, 10, 11
ASKS, ACCEPTS = (INIT, COOKIE_ECHO), (INIT_ACK, COOKIE_ACK)
LOOKED_AT: Final = 4_096


class SctpScan:
    """Associations by who asks for them."""

    def __init__(self) -> None:
        self.room = Room()
        self._scanning = Scanning(("scan_sctp", "host_discovery"), "sctp")
        self._attempts = Attempts(self.room)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        chosen = batch.of(SCTP)
        chosen = chosen[(batch.held[chosen] > HEADER) & ~batch.fragment[chosen]][:LOOKED_AT]
        touched: dict[int, tuple[Source, int]] = {}
        for at, near, far, now_ns, number in batch.rows(
            chosen, batch.source, batch.destination, batch.time_ns, batch.number
        ):
            content = batch.content(at)
            kind, port = content[HEADER], int.from_bytes(content[2:4])
            if kind in ASKS and not batch.addresses.is_group(far):
                touched[near] = (self._attempts.tried(near, far, port, now_ns, number), now_ns)
            elif kind in ACCEPTS:
                self._attempts.answered(far, near, int.from_bytes(content[:2]))
            elif kind == ABORT and (known := self._attempts.dropped(near, far, port, now_ns)) is not None:
                touched[near] = (known, now_ns)
        for who, (known, now_ns) in touched.items():
            yield from self._scanning.judged(batch.addresses, who, known, now_ns)
