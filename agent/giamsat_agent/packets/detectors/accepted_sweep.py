# SPDX-License-Identifier: Apache-2.0
"""Sweeps of open ports of which only the answers are seen (ATT&CK T1046): host after host accepts, and says no more.

Who only wants to know whether a port is open drops what is accepted, and the host has nothing to add. Who means it is
acknowledged, told something or taken leave of. Who looks whether services live drops as well, but does so again and
again. What comes from outside anybody makes up. Floor: as of every sweep, where half of the addresses follow one
another.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.followed_connections import Followed, keys_of
from giamsat_agent.packets.initiators import Callers
from giamsat_agent.packets.scan_thresholds import HOSTS_A_MINUTE, MINUTE_NS, POLLED_NS, is_in_order

SERVICES: Final = 64
HOSTS: Final = 256
LOOKED_AT: Final = 1_024

_Accepted = tuple[int, int, int]
"""The caller's own port, when, and by which frame."""


class AcceptedSweep:
    """Implements giamsat_agent.packets.detector.Waiting: hosts that accepted, by who called, and the port."""

    def __init__(self) -> None:
        self.room = Room()
        self._called: Table[tuple[int, int], dict[int, _Accepted]] = self.room.table(SERVICES)
        self._callers = Callers()
        self._followed = Followed()
        self._told: Told[tuple[int, int]] = Told()
        self._addresses = Addresses()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; who is accepted is judged once there was time to call again."""
        self._addresses = batch.addresses
        self._callers.hear(batch)
        accepts = batch.accepts[batch.from_inside[batch.accepts]]
        columns = (batch.destination, batch.source_port, batch.source, batch.destination_port, batch.time_ns)
        alone = accepts[self._callers.unseen(batch.destination[accepts])][:LOOKED_AT]
        for _, who, port, host, own, now_ns, number in batch.rows(alone, *columns, batch.number):
            self._accepted(who, port, host, (own, now_ns, number))
        self._followed.add(keys_of(batch, alone))
        if len(self._called):
            self._hear(batch, accepts)
            yield from self._judged(int(batch.time_ns[-1]), POLLED_NS)

    def rest(self) -> Iterator[Anomaly]:
        """Who was not judged yet, when nothing more comes."""
        latest = max((at_ns for _, its in self._called.items() for _, at_ns, _ in its.values()), default=0)
        return self._judged(latest, 0)

    def _accepted(self, who: int, port: int, host: int, accepted: _Accepted) -> None:
        hosts = self._called.get((who, port)) or self._called.put((who, port), {})
        before = hosts.pop(host, None)
        if before is not None and before[0] != accepted[0]:
            return  # it is called again and again
        hosts[host] = before or accepted
        if len(hosts) > HOSTS:
            del hosts[next(iter(hosts))]

    def _hear(self, batch: Batch, accepts: np.ndarray) -> None:
        """Hosts that have more to say on what they accepted."""
        says = np.setdiff1d(batch.tcp[self._followed.among(keys_of(batch, batch.tcp))], accepts)
        self._followed.drop(keys_of(batch, says))
        for _, who, port, host, own in batch.rows(
            says, batch.destination, batch.source_port, batch.source, batch.destination_port
        ):
            hosts = self._called.get((who, port))
            if hosts is not None and hosts.get(host, (0,))[0] == own:
                del hosts[host]

    def _judged(self, now_ns: int, patience_ns: int) -> Iterator[Anomaly]:
        for (who, port), hosts in self._called.items():
            waited = {host: its for host, its in hosts.items() if now_ns - its[1] >= patience_ns}
            if waited and len(waited) == len(hosts) and now_ns - next(iter(hosts.values()))[1] > 2 * MINUTE_NS:
                self._called.drop((who, port))
            lately = [host for host, its in waited.items() if now_ns - its[1] <= patience_ns + MINUTE_NS]
            if len(lately) < HOSTS_A_MINUTE or not is_in_order(lately):
                continue
            if self._told.due((who, port), now_ns, len(lately)):
                yield self._anomaly(who, port, {host: waited[host] for host in lately})

    def _anomaly(self, who: int, port: int, hosts: dict[int, _Accepted]) -> Anomaly:
        text, times = self._addresses.text, [at_ns for _, at_ns, _ in hosts.values()]
        return Anomaly(
            name="scan_tcp_horizontal",
            severity=Severity.MEDIUM,
            words=(
                f"{len(hosts)} máy chấp nhận {text(who)} ở cổng {port}/tcp rồi không nói gì; chỉ thấy chiều trả lời",
                f"{len(hosts)} hosts accepted {text(who)} on port {port}/tcp and said no more; only answers are seen",
            ),
            source_ip=text(who),
            first_ns=min(times),
            last_ns=max(times),
            targets=[Target(text(host), port) for host in hosts],
            counts={"packets": len(hosts)},
            frames=[number for _, _, number in hosts.values()],
        )
