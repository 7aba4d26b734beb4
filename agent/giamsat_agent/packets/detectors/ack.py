# SPDX-License-Identifier: Apache-2.0
"""Bare acknowledgements of connections that nobody has (nmap -sA, -PA; ATT&CK T1046).

They find hosts, and what a firewall lets through. A connection that goes on sends bare acknowledgements all the time,
so one counts only if its connection was not seen before and is not seen again for AGAIN_NS; how the frames are cut
into batches makes no difference. Connections are remembered in slots of a table of fixed size, found by a hash with a
secret key: two that share a slot hide each other and never make an alarm.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.attempts import Attempts, Source
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, TCP, Batch
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.scan_thresholds import Scanning
from giamsat_wire.clock import SECOND_NS

MAIMON: Final = FIN | ACK
"""Uriel Maimon's probe (Phrack 49): the end of a connection that was never begun."""
AGAIN_NS: Final = 2 * SECOND_NS
"""An acknowledgement within a connection is followed by more of it sooner than that, or by nobody's suspicion."""
REMEMBERED_NS: Final = 3600 * SECOND_NS
SHIFT: Final = np.uint64(47)
SLOTS: Final = 1 << 17
"""As many as what is left of a connection's number can be."""
WAITING: Final = 4_096


@dataclass(frozen=True, slots=True)
class _Bare:
    """An acknowledgement that may be of nobody's connection."""

    source: int
    target: int
    port: int
    flags: int
    at_ns: int
    number: int


class AckScan:
    """Implements giamsat_agent.packets.detector.Waiting."""

    def __init__(self) -> None:
        self.room = Room()
        self._kinds = {
            ACK: (Scanning(("scan_ack", "host_discovery"), "ack"), Attempts(self.room)),
            # A client that wakes up closes what it had open with many hosts, not with many ports of one.
            MAIMON: (Scanning(("scan_tcp_stealth", None), "Maimon"), Attempts(self.room)),
        }
        self._until_ns = np.zeros(SLOTS, np.int64)
        self._waiting: OrderedDict[int, _Bare] = OrderedDict()
        self._awaited = np.zeros(SLOTS, bool)
        self._place = np.zeros(SLOTS, np.int64)
        self._addresses: Addresses | None = None

    def take(self, batch: Batch) -> Iterable[Anomaly]:
        """Look at the next frames."""
        trains, places, lengths = _segments(batch)
        if not len(trains):
            if len(batch):
                yield from self._due(int(batch.time_ns[-1]) - AGAIN_NS)
            return
        self._addresses = batch.addresses
        slots = (batch.talks[trains] >> SHIFT).view(np.int64)
        now_ns = int(batch.time_ns[batch.trains.ends[trains[-1]]])
        known = now_ns < self._until_ns[slots]
        if self._waiting:
            for slot in set(slots[known & self._awaited[slots]].tolist()):
                self._let_go(slot)
        if not known.all():
            self._met(batch, places[~known], lengths[~known], slots[~known])
        self._until_ns[slots] = now_ns + REMEMBERED_NS
        yield from self._due(now_ns - AGAIN_NS)

    def _met(self, batch: Batch, places: Numbers, lengths: Numbers, slots: Numbers) -> None:
        """Trains of connections that were not seen before: frames that are alone and bare are suspicious."""
        order = np.arange(len(slots))
        # Of several numbers for one slot the last is kept: who is both the last and the first is alone.
        self._place[slots] = order
        alone = true_at((self._place[slots] == order) & (lengths == 1))
        self._place[slots[::-1]] = order[::-1]
        alone = alone[self._place[slots[alone]] == alone]
        at, slots = places[alone], slots[alone]
        # A server that ends a connection that was open for long sends from the lower port.
        ending = (batch.flags[at] == MAIMON) & (batch.destination_port[at] < batch.source_port[at])
        bare = ((batch.flags[at] == ACK) | ending) & (batch.payload[at] == 0)
        self._wait(batch, at[bare], slots[bare])

    def rest(self) -> Iterable[Anomaly]:
        """What is still waited for, when nothing more comes."""
        latest = max((one.at_ns for one in self._waiting.values()), default=0)
        return self._due(latest)

    def _let_go(self, slot: int) -> _Bare:
        self._awaited[slot] = False
        return self._waiting.pop(slot)

    def _wait(self, batch: Batch, places: Numbers, slots: Numbers) -> None:
        self.room.beyond += max(len(places) - WAITING, 0)
        columns = (batch.destination_port, batch.flags, batch.time_ns, batch.number)
        rows = batch.rows(places[:WAITING], batch.source, batch.destination, *columns)
        for (_, who, target, *rest), slot in zip(rows, slots[:WAITING].tolist(), strict=True):
            if batch.addresses.is_group(target):
                continue
            self._waiting[slot] = _Bare(who, target, *rest)
            self._awaited[slot] = True
            if len(self._waiting) > WAITING:
                self._let_go(next(iter(self._waiting)))
                self.room.beyond += 1

    def _due(self, until_ns: int) -> Iterator[Anomaly]:
        touched: dict[tuple[int, int], tuple[Source, int]] = {}
        while self._waiting:
            slot, bare = next(iter(self._waiting.items()))
            if bare.at_ns > until_ns:
                break
            self._let_go(slot)
            attempts = self._kinds[bare.flags][1]
            known = attempts.tried(bare.source, bare.target, bare.port, bare.at_ns, bare.number)
            touched[bare.source, bare.flags] = (known, bare.at_ns)
        if self._addresses is not None:
            for (who, flags), (known, now_ns) in touched.items():
                yield from self._kinds[flags][0].judged(self._addresses, who, known, now_ns)


def _segments(batch: Batch) -> tuple[Numbers, Numbers, Numbers]:
    """The trains that have TCP segments other than resets: which they are, where the first is, and how many."""
    trains, resets = batch.trains, batch.turns[(batch.flags[batch.turns] & RST) != 0]
    begins, lengths = trains.begins, trains.lengths
    if len(resets):
        lengths = lengths - np.bincount(trains.of[resets], minlength=len(begins))
        places = np.arange(len(batch))
        places[resets] = len(batch)
        begins = np.minimum.reduceat(places, begins)
    chosen = true_at((batch.protocol[trains.begins] == TCP) & (lengths > 0))
    return chosen, begins[chosen], lengths[chosen]
