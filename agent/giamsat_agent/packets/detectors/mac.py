# SPDX-License-Identifier: Apache-2.0
"""Floods of Ethernet addresses (CAPEC-125): ever new senders, until a switch forgets where anybody is and tells all.

A segment has some hundred hosts and they stay; a flood brings thousands that were never seen and never are again.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity
from giamsat_agent.packets.batch import Batch
from giamsat_agent.packets.detector import SECOND_NS, Table, Told

NEW: Final = 2_000
"""Addresses that were never seen before, within SPAN_S; no segment has so many hosts when a capture begins."""
SPAN_S: Final = 10
KNOWN: Final = 1 << 16


class MacFlood:
    """Senders by Ethernet address."""

    def __init__(self) -> None:
        self._known: Table[int, bool] = Table(KNOWN)
        self._arrived: dict[int, int] = {}
        self._told: Told[str] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._known.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        senders, places = np.unique(batch.source_mac, return_index=True)
        both = zip(senders.tolist(), places.tolist(), strict=True)
        new = [(mac, at) for mac, at in both if self._known.get(mac) is None]
        if not new:
            return
        by_second: dict[int, list[int]] = {}
        for mac, at in new:
            self._known.put(mac, value=True)
            by_second.setdefault(int(batch.time_ns[at]) // SECOND_NS, []).append(at)
        for second, its in sorted(by_second.items()):
            yield from self._judged(batch, second, its)

    def _judged(self, batch: Batch, second: int, its: list[int]) -> Iterator[Anomaly]:
        self._arrived[second] = self._arrived.get(second, 0) + len(its)
        self._arrived = {at: number for at, number in self._arrived.items() if second - at < SPAN_S}
        count, now_ns = sum(self._arrived.values()), int(batch.time_ns[its[-1]])
        if count >= NEW and self._told.due("", now_ns, count):
            yield Anomaly(
                name="mac_flood",
                severity=Severity.HIGH,
                words=(
                    f"{count} địa chỉ MAC mới xuất hiện trong mười giây: bộ chuyển mạch đang bị làm tràn bảng",
                    f"{count} new MAC addresses within ten seconds: a switch's table is being filled",
                ),
                source_ip=batch.addresses.text(int(batch.source[its[-1]])),
                first_ns=min(self._arrived) * SECOND_NS,
                last_ns=now_ns,
                counts={"packets": count, "addresses": count},
                frames=[int(batch.number[place]) for place in its[:20]],
            )
