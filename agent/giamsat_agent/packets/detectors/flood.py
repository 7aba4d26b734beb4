# SPDX-License-Identifier: Apache-2.0
"""Floods (ATT&CK T1498, T1499): far more packets to one host within a second than it answers.

What is counted is packets of one kind to one host in one second of the capture, and how many went the other way. A
download or a call has two directions; a flood has one. Answers of many servers that nobody asked are reflection
(T1498.002): the host is the victim of questions asked in its name.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import ACK, FIN, ICMP, ICMP6, RST, SYN, TCP, UDP, Batch
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS, Told

LEAST: Final = {"syn_flood": 200, "udp_flood": 2_000, "icmp_flood": 200, "reflection": 500}
"""Packets to one host within a second."""
ANSWERED: Final = 0.02
"""The part that may go the other way."""
PORTS: Final = 8
"""A flood aims at a service; SYNs to more ports than this are a scan's."""
REFLECTORS: Final = (19, 53, 123, 161, 389, 1900, 5353, 11211)
"""chargen, DNS, NTP, SNMP, CLDAP, SSDP, mDNS, memcached."""
WORDS: Final = {
    "syn_flood": ("gói SYN", "SYN segments"),
    "udp_flood": ("gói UDP", "UDP datagrams"),
    "icmp_flood": ("gói ICMP", "ICMP messages"),
    "reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
}


class Flood:
    """Packets of one kind to one host, second by second."""

    def __init__(self) -> None:
        self._told: Told[tuple[str, int]] = Told()
        self.evicted = 0

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        if len(batch) < min(LEAST.values()):
            return
        flags = batch.flags & (SYN | ACK | RST | FIN)
        is_udp = (batch.protocol == UDP) & ~batch.fragment
        reflected = is_udp & np.isin(batch.source_port, REFLECTORS) & (batch.size > 200)  # noqa: PLR2004 - more than asked
        # Echoes only: messages of refusal answer somebody else's flood or scan.
        is_icmp = ((batch.protocol == ICMP) & np.isin(batch.source_port, (0, 8))) | (
            (batch.protocol == ICMP6) & np.isin(batch.source_port, (128, 129))
        )
        kinds = {
            "syn_flood": (batch.protocol == TCP) & (flags == SYN),
            "reflection": reflected,
            "udp_flood": is_udp & ~reflected,
            "icmp_flood": is_icmp,
        }
        second = batch.time_ns // SECOND_NS
        for name, chosen in kinds.items():
            places = np.flatnonzero(chosen)
            if len(places) >= LEAST[name]:
                yield from self._counted(batch, name, places, second)

    def _counted(self, batch: Batch, name: str, places: Numbers, second: Numbers) -> Iterator[Anomaly]:
        pairs = np.empty(len(places), dtype=[("host", np.uint64), ("second", np.int64)])
        pairs["host"], pairs["second"] = batch.destination[places], second[places]
        found, inverse, counts = np.unique(pairs, return_inverse=True, return_counts=True)
        for index in np.flatnonzero(counts >= LEAST[name]).tolist():
            host, count = int(found["host"][index]), int(counts[index])
            its = places[inverse == index]
            if batch.addresses.is_group(host) or not self._one_way(batch, name, its, second):
                continue
            if self._told.due((name, host), int(batch.time_ns[its[0]]), count):
                yield _anomaly(batch, name, its)

    @staticmethod
    def _one_way(batch: Batch, name: str, its: Numbers, second: Numbers) -> bool:
        host = batch.destination[its[0]]
        same = second == second[its[0]]
        if name == "syn_flood":
            ports = np.unique(batch.destination_port[its])
            acknowledged = same & (batch.destination == host) & (batch.protocol == TCP) & ((batch.flags & ACK) != 0)
            return bool(len(ports) <= PORTS and np.count_nonzero(acknowledged) < len(its) / 2)
        back = np.count_nonzero(same & (batch.source == host) & (batch.protocol == batch.protocol[its[0]]))
        if name == "icmp_flood":
            return True
        if name == "reflection":
            return bool(back < ANSWERED * len(its) and len(np.unique(batch.source[its])) >= PORTS)
        return bool(back < ANSWERED * len(its))


def _anomaly(batch: Batch, name: str, its: Numbers) -> Anomaly:
    text, host = batch.addresses.text, int(batch.destination[its[0]])
    sources, counts = np.unique(batch.source[its], return_counts=True)
    loudest = int(sources[counts.argmax()])
    what_vi, what_en = WORDS[name]
    return Anomaly(
        name="flood" if name != "reflection" else "amplification",
        severity=Severity.HIGH,
        words=(
            f"{text(host)} nhận {len(its)} {what_vi} trong một giây từ {len(sources)} nguồn",
            f"{text(host)} received {len(its)} {what_en} within a second from {len(sources)} sources",
        ),
        source_ip=text(loudest),
        first_ns=int(batch.time_ns[its[0]]),
        last_ns=int(batch.time_ns[its[-1]]),
        targets=[Target(text(host), int(batch.destination_port[its[0]]))],
        counts={"packets": len(its), "sources": len(sources)},
        frames=batch.number[its[:20]].tolist(),
    )
