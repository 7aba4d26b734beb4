# SPDX-License-Identifier: Apache-2.0
"""What is no DNS at the port of DNS (ATT&CK T1572): iodine's raw mode, VPNs that hide where names are let through.

Floor: LEAST datagrams each way between a client and a server whose header no message of DNS has. Who sends noise to a
server that speaks DNS is told so, by a header that one has.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import DNS, Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.payloads.dns_message import HEADER
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
        aimed = batch.udp[(batch.destination_port[batch.udp] == DNS) | (batch.source_port[batch.udp] == DNS)].tolist()
        read = {message.place for message in batch.dns} if aimed else set()
        for at in [at for at in aimed if at not in read][:LOOKED_AT]:
            if not _is_strange(batch.content(at)[:HEADER], int(batch.payload[at])):
                continue
            ends, now_ns = (int(batch.source[at]), int(batch.destination[at])), int(batch.time_ns[at])
            comes = int(batch.destination_port[at]) != DNS
            pair = ends[::-1] if comes else ends
            ways = self._pairs.get(pair) or self._pairs.put(pair, (deque(maxlen=LEAST), deque(maxlen=LEAST)))
            ways[comes].append((now_ns, int(batch.number[at])))
            lately = all(len(way) == LEAST and now_ns - way[0][0] <= SPAN_NS for way in ways)
            if lately and self._told.due(pair, now_ns, LEAST):
                yield _anomaly(batch, pair, sorted((*ways[0], *ways[1])))


def _is_strange(head: bytes, size: int) -> bool:
    """Whether no message of DNS begins as this datagram of so many bytes."""
    if len(head) < HEADER:
        return 0 < size < HEADER
    is_answer, kind = bool(head[2] & 0x80), head[2] >> 3 & 0xF
    asked, answers = int.from_bytes(head[4:6]), int.from_bytes(head[6:8])
    # What asks holds no answers yet.
    return asked > 1 or kind == UNUSED or kind > LAST or (kind == 0 < answers and not is_answer)


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
