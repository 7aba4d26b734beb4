# SPDX-License-Identifier: Apache-2.0
"""What is no DNS at the port of DNS (ATT&CK T1572): iodine's raw mode, VPNs that hide where names are let through.

Floor: LEAST datagrams each way between a client and a server whose header no message of DNS has. Who sends noise to a
server that speaks DNS is told so, by a header that one has.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers, longs_at
from giamsat_agent.packets.columns.batch import DNS, Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.payloads.names import HEADER
from giamsat_wire.clock import SECOND_NS

LEAST: Final = 10
SPAN_NS: Final = 600 * SECOND_NS
PAIRS: Final = 1_024
LOOKED_AT: Final = 4_096
UNUSED, LAST = 3, 6
"""The kind of message that was never given out, and the last one that was (RFC 8490)."""

_Seen = deque[tuple[int, int]]
"""When, and in which frame."""


class RawDns:
    """Datagrams that are no DNS by client and server, from the one and from the other."""

    def __init__(self) -> None:
        self.room = Room()
        self._pairs: Table[tuple[int, int], tuple[_Seen, _Seen]] = self.room.table(PAIRS)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        aimed = batch.udp[(batch.destination_port[batch.udp] == DNS) | (batch.source_port[batch.udp] == DNS)]
        if not len(aimed):
            return
        columns = (batch.source, batch.destination, batch.destination_port, batch.time_ns, batch.number)
        for _, near, far, port, now_ns, number in batch.rows(_strange(batch, aimed)[:LOOKED_AT], *columns):
            pair = (near, far) if port == DNS else (far, near)
            ways = self._pairs.get(pair) or self._pairs.put(pair, (deque(maxlen=LEAST), deque(maxlen=LEAST)))
            ways[port != DNS].append((now_ns, number))
            since_ns = min(way[0][0] if len(way) == LEAST else 0 for way in ways)
            if now_ns - since_ns <= SPAN_NS and self._told.due(pair, now_ns, LEAST):
                yield _anomaly(batch, pair, sorted((*ways[0], *ways[1])))


def _strange(batch: Batch, aimed: Numbers) -> Numbers:
    """Those of these datagrams that no message of DNS begins as."""
    short = (batch.payload[aimed] > 0) & (batch.payload[aimed] < HEADER)
    whole = aimed[batch.held[aimed] >= HEADER]
    flags, counts = (longs_at(batch.data, batch.payload_at[whole] + place) for place in (0, 4))
    is_answer, kind, asked, answers = (flags & 0x8000) != 0, flags >> 11 & 0xF, counts >> 16, counts & 0xFFFF
    # What asks holds no answers yet.
    knows = ~is_answer & (kind == 0) & (answers > 0)
    return np.sort(np.concatenate((aimed[short], whole[(asked > 1) | (kind == UNUSED) | (kind > LAST) | knows])))


def _anomaly(batch: Batch, pair: tuple[int, int], seen: list[tuple[int, int]]) -> Anomaly:
    client, server = (batch.addresses.text(one) for one in pair)
    return Anomaly(
        name="dns_tunnel",
        severity=Severity.HIGH,
        words=(
            f"{client} và {server} trao đổi qua cổng DNS những gói không phải DNS",
            f"{client} and {server} exchange datagrams at the port of DNS that are no DNS",
        ),
        source_ip=client,
        first_ns=seen[0][0],
        last_ns=seen[-1][0],
        targets=[Target(server, DNS)],
        counts={"packets": len(seen)},
        frames=[number for _, number in seen],
    )
