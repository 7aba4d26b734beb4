# SPDX-License-Identifier: Apache-2.0
"""Scans of ports and hosts (ATT&CK T1046): many targets of one source that nobody answers.

Floors: 15 ports of one host or 10 hosts on one port within a minute (CrowdSec: 15 ports; Elastic: 50, or 5 of those
that administration uses); over a day twice as many, or 6 hosts on a port of administration. What is answered does not
count, so neither a browser nor a monitoring poll of hosts that live is a scan.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.attempts import Attempt, Attempts, Source
from giamsat_agent.packets.batch import ACK, FIN, RST, SYN, TCP, UDP, Batch
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS, Told, busiest, first_of_each

MINUTE_NS: Final = 60 * SECOND_NS
PORTS_A_MINUTE: Final = 15
HOSTS_A_MINUTE: Final = 10
PORTS_A_DAY: Final = 30
HOSTS_A_DAY: Final = 20
ADMINISTRATION: Final = frozenset({21, 22, 23, 25, 135, 139, 445, 2323, 3389, 5985, 5986})
ADMINISTRATION_A_DAY: Final = 6
TRACED: Final = range(33434, 33700)
"""UDP ports of traceroute(8)."""
SYSTEM_PORTS: Final = 1024
LOOKED_AT: Final = 8_192
"""Attempts of one batch that are followed one by one; in a flood of more, the rest is the flood detector's."""


class _Scan:
    """What the kinds of scan share: attempts, and the two shapes a scan has."""

    names: tuple[str, str]
    means: str

    def __init__(self) -> None:
        self._attempts = Attempts()
        self._told: Told[tuple[str, int, int]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._attempts.evicted

    def _follow(self, batch: Batch, tried: Numbers, answers: Numbers) -> Iterator[Anomaly]:
        touched: dict[int, tuple[Source, int]] = {}
        source, target, port = batch.source, batch.destination, batch.destination_port
        for at in tried[:LOOKED_AT].tolist():
            number, time = int(batch.number[at]), int(batch.time_ns[at])
            who = int(source[at])
            if not batch.addresses.is_group(int(target[at])):
                touched[who] = (self._attempts.tried(who, int(target[at]), int(port[at]), time, number), time)
        for at in answers[:LOOKED_AT].tolist():
            self._attempts.answered(int(target[at]), int(source[at]), int(batch.source_port[at]))
        for who, (known, now) in touched.items():
            yield from self._judged(batch, who, known, now)

    def _judged(self, batch: Batch, who: int, known: Source, now: int) -> Iterator[Anomaly]:
        open_ = sorted(known.unanswered(now), key=lambda one: one.at_ns)
        if len(open_) < ADMINISTRATION_A_DAY:
            return
        for vertical in (True, False):
            groups: dict[int, list[Attempt]] = {}
            for one in open_:
                groups.setdefault(one.target if vertical else one.port, []).append(one)
            for group, its in groups.items():
                if self._is_scan(its, vertical) and self._told.due(
                    (self.names[not vertical], who, group), now, len(its)
                ):
                    yield self._anomaly(batch, who, its, vertical)

    @staticmethod
    def _is_scan(its: list[Attempt], vertical: bool) -> bool:  # noqa: FBT001 - which of two shapes
        if not vertical and its[0].port in ADMINISTRATION and len(its) >= ADMINISTRATION_A_DAY:
            return True
        slow, fast = (PORTS_A_DAY, PORTS_A_MINUTE) if vertical else (HOSTS_A_DAY, HOSTS_A_MINUTE)
        return len(its) >= slow or (len(its) >= fast and busiest([one.at_ns for one in its], MINUTE_NS) >= fast)

    def _anomaly(self, batch: Batch, who: int, its: list[Attempt], vertical: bool) -> Anomaly:  # noqa: FBT001 - so here
        text = batch.addresses.text
        name = self.names[not vertical]
        if vertical:
            target = text(its[0].target)
            words = (
                f"{text(who)} quét {len(its)} cổng {self.means} của {target}",
                f"{text(who)} scanned {len(its)} {self.means} ports of {target}",
            )
        else:
            words = (
                f"{text(who)} quét {len(its)} máy ở cổng {its[0].port}/{self.means}",
                f"{text(who)} scanned {len(its)} hosts on port {its[0].port}/{self.means}",
            )
        return Anomaly(
            name=name,
            severity=Severity.MEDIUM,
            words=words,
            source_ip=text(who),
            first_ns=its[0].at_ns,
            last_ns=its[-1].at_ns,
            targets=[Target(text(one.target), one.port) for one in its],
            counts={"packets": sum(one.tries for one in its)},
            frames=[one.number for one in its[:20]],
        )


class SynScan(_Scan):
    """Connections that are begun and never answered by a SYN-ACK."""

    names = ("scan_tcp_vertical", "scan_tcp_horizontal")
    means = "tcp"

    def take(self, batch: Batch) -> Iterable[Anomaly]:
        """Look at the next frames."""
        kind = batch.flags & (SYN | ACK | RST | FIN)
        begun = np.flatnonzero((batch.protocol == TCP) & (kind == SYN))
        begun = begun[first_of_each(batch.source[begun], batch.destination[begun], batch.destination_port[begun])]
        return self._follow(batch, begun, np.flatnonzero((batch.protocol == TCP) & (kind == SYN | ACK)))


class UdpScan(_Scan):
    """Datagrams to many ports that get none back."""

    names = ("scan_udp", "host_discovery")
    means = "udp"

    def take(self, batch: Batch) -> Iterable[Anomaly]:
        """Look at the next frames."""
        is_udp = (batch.protocol == UDP) & ~batch.fragment
        low, port = batch.source_port < SYSTEM_PORTS, batch.destination_port
        traced = (port >= TRACED.start) & (port < TRACED.stop)
        # A server that answers many clients is not the one that asks.
        tried = np.flatnonzero(is_udp & ~traced & ~(low & (port >= SYSTEM_PORTS)) & (port > 0))
        tried = tried[first_of_each(batch.source[tried], batch.destination[tried], port[tried])]
        answers = np.flatnonzero(is_udp)
        answers = answers[first_of_each(batch.source[answers], batch.source_port[answers], batch.destination[answers])]
        return self._follow(batch, tried, answers)


class AckScan(_Scan):
    """Bare acknowledgements of connections that nobody has: they find hosts, and what a firewall lets through."""

    names = ("scan_ack", "host_discovery")
    means = "ack"

    def take(self, batch: Batch) -> Iterable[Anomaly]:
        """Look at the next frames."""
        is_tcp = np.flatnonzero((batch.protocol == TCP) & ((batch.flags & RST) == 0))
        low, high = (
            np.minimum(batch.source[is_tcp], batch.destination[is_tcp]),
            np.maximum(batch.source[is_tcp], batch.destination[is_tcp]),
        )
        ports = batch.source_port[is_tcp] * batch.destination_port[is_tcp]
        mixed = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (high * np.uint64(0xC2B2AE3D27D4EB4F)) ^ ports.astype(np.uint64)
        _, places, count = np.unique(mixed, return_index=True, return_counts=True)
        alone = is_tcp[places[count == 1]]
        bare = np.sort(alone[(batch.flags[alone] == ACK) & (batch.payload[alone] == 0)])
        if len(bare) < HOSTS_A_MINUTE:
            return ()
        return self._follow(batch, bare, np.zeros(0, np.int64))
