# SPDX-License-Identifier: Apache-2.0
"""Guessing of SNMP's communities (ATT&CK T1110): one manager that tries ever new ones on one agent.

An agent does not answer to a wrong community (RFC 1157, section 4.1), so what shows is how many are tried and not
answered. A manager has one or two for an agent. Floor: 10 within two minutes.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Lately, Room, Table, Told
from giamsat_agent.packets.payloads.passwords import community
from giamsat_wire.clock import SECOND_NS

PORT: Final = 161
ASKS: Final = frozenset({0xA0, 0xA1, 0xA3, 0xA5})
"""Get, get next, set and get bulk."""
ANSWERS: Final = 0xA2
TRIED, SPAN_NS = 10, 120 * SECOND_NS
SEQUENCE: Final = 0x30
PAIRS: Final = 1_024
LOOKED_AT: Final = 4_096


class Communities:
    """Communities by manager and agent."""

    def __init__(self) -> None:
        self.room = Room()
        self._tried: Table[tuple[int, int], Lately[int]] = self.room.table(PAIRS)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        said = batch.udp[(batch.destination_port[batch.udp] == PORT) | (batch.source_port[batch.udp] == PORT)]
        for at in said[(batch.opening[said] & 0xFF) == SEQUENCE][:LOOKED_AT].tolist():
            found = community(batch.content(at))
            if found is not None and found[1] == ANSWERS:
                asked = self._tried.get((int(batch.destination[at]), int(batch.source[at])))
                if asked is not None:
                    asked.drop(found[2])
            if found is None or found[1] not in ASKS:
                continue
            pair, now_ns = (int(batch.source[at]), int(batch.destination[at])), int(batch.time_ns[at])
            tried = self._tried.get(pair)
            if tried is None:
                tried = self._tried.put(pair, Lately(4 * TRIED, SPAN_NS))
            tried.add(now_ns, found[2], int(batch.number[at]))
            if tried.different >= TRIED and self._told.due(pair, now_ns, tried.different):
                yield _anomaly(batch, pair, tried)


def _anomaly(batch: Batch, pair: tuple[int, int], tried: Lately[int]) -> Anomaly:
    manager, agent, count = batch.addresses.text(pair[0]), batch.addresses.text(pair[1]), tried.different
    return Anomaly(
        name="bruteforce",
        severity=Severity.HIGH,
        words=(
            f"{manager} thử {count} chuỗi cộng đồng SNMP khác nhau với {agent}",
            f"{manager} tried {count} different SNMP communities on {agent}",
        ),
        source_ip=manager,
        first_ns=tried.seen[0][0],
        last_ns=tried.seen[-1][0],
        targets=[Target(agent, PORT)],
        counts={"packets": len(tried.seen), "communities": count},
        frames=[number for _, _, number in tried.seen],
    )
