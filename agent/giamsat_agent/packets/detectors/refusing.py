# SPDX-License-Identifier: Apache-2.0
"""Scans of which only the answers are seen (ATT&CK T1046): one host that refuses one other at port after port.

Who asks for a connection where nobody listens is told so by a reset without a number of its own (RFC 9293, section
3.10.7.1); who gives up a connection resets it by the number it has come to. Where what was asked is seen as well, it is
judged by that. Floor: as of every scan of many ports.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import ACK, FIN, RST, SYN, Batch
from giamsat_agent.packets.detector import Lately, Room, Table, Told, first_of_each, mix
from giamsat_agent.packets.scanning import MINUTE_NS, PORTS_A_MINUTE

PAIRS: Final = 256
SLOTS: Final = 1 << 14
"""Pairs of which one is seen to ask the other, by a hash with a secret."""
_SHIFT: Final = np.uint64(50)
LOOKED_AT: Final = 1_024


class RefusedPorts:
    """Ports that were refused, by who asked and who refused."""

    def __init__(self) -> None:
        self.room = Room()
        self._refused: Table[tuple[int, int], Lately[int]] = self.room.table(PAIRS)
        self._asking = np.zeros(SLOTS, np.uint64)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        turns = batch.turns
        resets = turns[(batch.flags[turns] & (SYN | ACK | RST | FIN)) == RST | ACK]
        # Who only answers sends nothing else; where that may be, everything is looked at.
        asks = batch.tcp if len(resets) else turns
        asks = asks[(batch.flags[asks] & RST) == 0]
        pair = mix(batch.source[asks], batch.destination[asks])
        self._asking[(pair >> _SHIFT).view(np.int64)] = pair
        if not len(resets):
            return
        pair = mix(batch.destination[resets], batch.source[resets])
        resets = resets[self._asking[(pair >> _SHIFT).view(np.int64)] != pair]
        resets = resets[first_of_each(batch.source[resets], batch.source_port[resets], batch.destination[resets])]
        ends = (batch.destination, batch.source, batch.source_port, batch.time_ns, batch.number)
        for at, who, target, port, now_ns, number in batch.rows(resets[:LOOKED_AT], *ends):
            if batch.sequence(at):
                continue
            key = (who, target)
            ports = self._refused.get(key) or self._refused.put(key, Lately(4 * PORTS_A_MINUTE, MINUTE_NS))
            ports.add(now_ns, port, number)
            if ports.different >= PORTS_A_MINUTE and self._told.due(key, now_ns, ports.different):
                yield _anomaly(batch, key, ports)


def _anomaly(batch: Batch, pair: tuple[int, int], ports: Lately[int]) -> Anomaly:
    who, target, count = batch.addresses.text(pair[0]), batch.addresses.text(pair[1]), ports.different
    return Anomaly(
        name="scan_tcp_vertical",
        severity=Severity.MEDIUM,
        words=(
            f"{target} từ chối {who} ở {count} cổng tcp; chỉ thấy chiều trả lời",
            f"{target} refused {who} at {count} tcp ports; only the answers are seen",
        ),
        source_ip=who,
        first_ns=ports.seen[0][0],
        last_ns=ports.seen[-1][0],
        targets=[Target(target, port) for port in dict.fromkeys(port for _, port, _ in ports.seen)],
        counts={"packets": len(ports.seen)},
        frames=[number for _, _, number in list(ports.seen)[:20]],
    )
