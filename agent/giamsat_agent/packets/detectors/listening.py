# SPDX-License-Identifier: Apache-2.0
"""Services that accept connections on the networks of one's own, each told once a day (ATT&CK T1205, T1505).

Whether one is new is not known here: the collector remembers what was there before. Ports that systems give to clients
are left out, and so are addresses outside. What is above SHARE a minute is told when it is next seen.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import DAY_NS, Room, Table, first_of_each
from giamsat_wire.clock import SECOND_NS

CLIENTS_FROM: Final = 32_768
"""Ports from here on are given to clients (Linux, ip_local_port_range; IANA from 49152)."""
SERVICES: Final = 8_192
SHARE: Final = 30
LOOKED_AT: Final = 1_024
_MINUTE_NS: Final = 60 * SECOND_NS


class Listening:
    """When each service, an address and a port, was told last."""

    def __init__(self) -> None:
        self.room = Room()
        self._told: Table[tuple[int, int], int] = self.room.table(SERVICES)
        self._minute = self._count = 0

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        at = batch.accepts[batch.source_port[batch.accepts] < CLIENTS_FROM]
        if not len(at):
            return
        at = at[batch.from_inside[at]]
        first = first_of_each(batch.source[at], batch.source_port[at], batch.time_ns[at] // _MINUTE_NS)
        for place in at[first][:LOOKED_AT].tolist():
            server, port, now_ns = int(batch.source[place]), int(batch.source_port[place]), int(batch.time_ns[place])
            told_ns = self._told.get((server, port))
            if (told_ns is None or abs(now_ns - told_ns) >= DAY_NS) and self._has_room(now_ns):
                self._told.put((server, port), now_ns)
                yield _service(batch, place, server, port)

    def _has_room(self, now_ns: int) -> bool:
        minute = now_ns // _MINUTE_NS
        if minute != self._minute:
            self._minute, self._count = minute, 0
        self._count += 1
        return self._count <= SHARE


def _service(batch: Batch, place: int, server: int, port: int) -> Anomaly:
    text, client, now_ns = batch.addresses.text, int(batch.destination[place]), int(batch.time_ns[place])
    return Anomaly(
        kind=Kind.POLICY,
        name="listening_service",
        severity=Severity.LOW,
        words=(
            f"{text(server)} có dịch vụ ở cổng {port}/tcp ({text(client)} đã kết nối)",
            f"{text(server)} serves port {port}/tcp ({text(client)} connected)",
        ),
        source_ip=text(client),
        first_ns=now_ns,
        last_ns=now_ns,
        targets=[Target(text(server), port)],
        counts={"connections": 1},
        about={"giamsat.policy.subject": f"tcp/{port}"},
    )
