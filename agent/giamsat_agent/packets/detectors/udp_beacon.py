# SPDX-License-Identifier: Apache-2.0
"""Beacons over UDP and QUIC (ATT&CK T1071, T1029): ever new talks of a program inside with one service outside, evenly.

What keeps one talk alive (VPNs, calls, QUIC itself) is even by design and comes from one port; who calls anew comes
from another. As with TCP only calls to the outside count that are answered, and none to services that live by being
asked.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table, Told, first_of
from giamsat_agent.packets.periodicity import CALLS_OF_A_CLOCK, EVEN_BY_DESIGN, PAUSE_NS, SAME_NS, is_even, period_s

ASKED: Final = OneOf((*EVEN_BY_DESIGN, 161, 500, 1812, 1813, 3478, 4500, 19302))
"""Beside those of TCP: SNMP, IKE, RADIUS, STUN."""
HIGH: Final = 1_024
"""Ports from which programs call: what comes from below is a service's own."""
KEPT: Final = 64
SHIFT: Final = np.uint64(50)
SLOTS: Final = 1 << 14
LOOKED_AT: Final = 4_096

Key = tuple[int, int, int]


class _Calls(msgspec.Struct, gc=False):
    """When a client called a service, in which frames and from which ports, the last KEPT; whether it ever answered."""

    at: list[tuple[int, int]] = msgspec.field(default_factory=list)
    ports: list[int] = msgspec.field(default_factory=list)
    answered: bool = False


class UdpBeacon:
    """Calls by client, server and port."""

    def __init__(self) -> None:
        self.room = Room()
        self._calls: Table[Key, _Calls] = self.room.table(8_192)
        self._told: Told[Key] = Told()
        self._ways = np.zeros(SLOTS, np.uint64)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        ends = (batch.source, batch.destination, batch.source_port, batch.destination_port)
        fresh = self._fresh(batch)
        outward = batch.from_inside[fresh].tolist(), batch.to_inside[fresh].tolist()
        rows = batch.rows(fresh, *ends, batch.time_ns, batch.number)
        for (_, near, far, own, port, now_ns, number), calls, answers in zip(rows, *outward, strict=True):
            if calls and not answers and not batch.addresses.is_group(far):
                yield from self._called(batch, (near, far, port), own, (now_ns, number))
            elif answers and not calls and (known := self._calls.get((far, near, own))) is not None:
                known.answered = True
                yield from self._judged(batch, (far, near, own), known)

    def _fresh(self, batch: Batch) -> Numbers:
        """The first datagrams of each direction of a talk, as far as is remembered."""
        places = batch.udp[~batch.fragment[batch.udp]]
        source, destination = batch.source_port[places], batch.destination_port[places]
        called = (source >= HIGH) | (destination >= HIGH)
        places = places[called & ~ASKED.at(source) & ~ASKED.at(destination)]
        way = batch.way[places]
        slot = (way >> SHIFT).view(np.int64)
        new = self._ways[slot] != way
        self._ways[slot[new]] = way[new]
        first: Numbers = places[new][first_of(way[new])][:LOOKED_AT]
        return first

    def _called(self, batch: Batch, key: Key, own: int, now: tuple[int, int]) -> Iterator[Anomaly]:
        calls = self._calls.get(key) or self._calls.put(key, _Calls())
        if own in calls.ports:
            return
        calls.ports = [*calls.ports, own][-KEPT:]
        last_ns = calls.at[-1][0] if calls.at else now[0] - PAUSE_NS
        if calls.at and abs(now[0] - last_ns) < SAME_NS:
            return
        if now[0] - last_ns > PAUSE_NS:
            calls.at.clear()
        calls.at = [*calls.at, now][-KEPT:]
        yield from self._judged(batch, key, calls)

    def _judged(self, batch: Batch, key: Key, calls: _Calls) -> Iterator[Anomaly]:
        times = [at_ns for at_ns, _ in calls.at]
        if not calls.answered or len(times) < CALLS_OF_A_CLOCK or not is_even(times):
            return
        if not self._told.due(key, times[-1], len(times)):
            return
        text, every_s = batch.addresses.text, period_s(times)
        yield Anomaly(
            name="beacon",
            severity=Severity.MEDIUM,
            words=(
                f"{text(key[0])} gọi ra {text(key[1])}:{key[2]}/udp đều đặn khoảng {every_s} giây, {len(times)} lần",
                f"{text(key[0])} called {text(key[1])}:{key[2]}/udp about every {every_s} seconds, {len(times)} times",
            ),
            source_ip=text(key[0]),
            first_ns=times[0],
            last_ns=times[-1],
            targets=[Target(text(key[1]), key[2])],
            counts={"calls": len(times), "period_seconds": every_s},
            frames=[number for _, number in calls.at],
        )
