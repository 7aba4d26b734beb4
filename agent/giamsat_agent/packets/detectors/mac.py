# SPDX-License-Identifier: Apache-2.0
"""Floods of Ethernet addresses (CAPEC-125): ever new senders, until a switch forgets where anybody is and tells all.

A segment has some hundred hosts and they stay; a flood brings thousands that were never seen and never are again.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Severity
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told, mix
from giamsat_wire.clock import SECOND_NS

NEW: Final = 2_000
"""Addresses that were never seen before, within SPAN_S; no segment has so many hosts when a capture begins."""
STRANGERS: Final = 300
"""New ones that send to addresses as new as they are: hosts begin with a broadcast, or talk to those that are there."""
SPAN_S: Final = 10
KNOWN: Final = 1 << 16
SLOTS: Final = 1 << 10
"""Senders that were seen last, by a hash with a secret."""
_SHIFT: Final = np.uint64(54)
GROUP: Final = 40
"""The bit of an Ethernet address that says it is of many hosts (IEEE 802)."""


class MacFlood:
    """Senders by Ethernet address."""

    def __init__(self) -> None:
        self.room = Room()
        self._known: Table[int, bool] = self.room.table(KNOWN)
        self._sent_to: Table[int, bool] = self.room.table(KNOWN)
        self._seen = np.zeros(SLOTS, np.uint64)
        self._arrived: dict[int, tuple[int, int]] = {}
        self._told: Told[str] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        at = self._unseen(batch.source_mac)
        if not len(at):
            return
        senders, places = np.unique(batch.source_mac[at], return_index=True)
        both = zip(at[places].tolist(), senders.tolist(), strict=True)
        new = sorted((at, mac) for at, mac in both if mac not in self._known)
        if not new:
            return
        by_second: dict[int, list[int]] = {}
        for at, _ in new:
            by_second.setdefault(int(batch.time_ns[at]) // SECOND_NS, []).append(at)
        for second, its in sorted(by_second.items()):
            yield from self._judged(batch, second, its)

    def _unseen(self, senders: Identities) -> Numbers:
        """Where the senders are that are not among those last seen, which are known: few of all, but for a flood."""
        slots = (mix(senders) >> _SHIFT).view(np.int64)
        fresh = true_at(self._seen[slots] != senders)
        self._seen[slots[fresh]] = senders[fresh]
        return fresh

    def _judged(self, batch: Batch, second: int, its: list[int]) -> Iterator[Anomaly]:
        new, strangers = self._arrived.get(second, (0, 0))
        strangers += sum(self._is_stranger(int(batch.source_mac[at]), int(batch.destination_mac[at])) for at in its)
        self._arrived[second] = (new + len(its), strangers)
        self._arrived = {at: counts for at, counts in self._arrived.items() if second - at < SPAN_S}
        count, strange = (sum(counts) for counts in zip(*self._arrived.values(), strict=True))
        now_ns = int(batch.time_ns[its[-1]])
        if (count >= NEW or strange >= STRANGERS) and self._told.due("", now_ns, count):
            yield Anomaly(
                name="mac_flood",
                severity=Severity.HIGH,
                words=(
                    f"{count} địa chỉ MAC mới xuất hiện trong mười giây: bộ chuyển mạch đang bị làm tràn bảng",
                    f"{count} new MAC addresses within ten seconds: a switch's table is being filled",
                ),
                source_ip="",  # whoever sends them, it is none of those they name
                first_ns=min(self._arrived) * SECOND_NS,
                last_ns=now_ns,
                counts={"packets": count, "addresses": count},
                frames=[int(batch.number[place]) for place in its[:FRAMES]],
            )

    def _is_stranger(self, sender: int, destination: int) -> bool:
        """Whether neither end of the frame was there before; from now on both are."""
        strange = destination not in self._known and destination not in self._sent_to and not destination >> GROUP & 1
        if len(self._known) >= KNOWN:
            self._seen[:] = 0  # it may be the one that is forgotten now
        self._known.put(sender, value=True)
        self._sent_to.put(destination, value=True)
        return strange
