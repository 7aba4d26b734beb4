# SPDX-License-Identifier: Apache-2.0
"""Ports of one host that many try, each of them a few (ATT&CK T1046): too few for any of them to be a scanner.

A public address is tried all the time by whoever looks for one service everywhere: a few times a minute, and most at
the same ports. A host that goes down is called by those whom it accepted before. Floor: so many ports within a minute
that nobody answers, hardly any of them tried twice, by so many sources that try fewer than a scan each.
"""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.attempts import Attempt
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.expected_peers import Acquainted
from giamsat_agent.packets.scan_thresholds import ANSWERS_NS, MINUTE_NS, PORTS_AT_ONCE

PORTS, SOURCES = 30, 15
TWICE: Final = 1.5
"""Tries for each port at most."""
HOSTS: Final = 64
KEPT: Final = 8 * PORTS

Tried = tuple[int, Attempt]
"""Who tried, and what became of it."""


class Scattered:
    """Attempts by the host that they aim at."""

    def __init__(self, room: Room, acquainted: Acquainted) -> None:
        self._acquainted = acquainted
        self._tried: Table[int, deque[Tried]] = room.table(HOSTS)
        self._open: dict[int, int] = {}
        """Hosts that were tried at many ports, and when last: whether they answer is not known yet."""
        self._told: Told[int] = Told()
        self._addresses = Addresses()

    def add(self, who: int, attempt: Attempt) -> None:
        """Somebody tries a host, perhaps once more."""
        host = attempt.target
        its = self._tried.get(host) or self._tried.put(host, deque(maxlen=KEPT))
        if attempt.tries == 1:
            its.append((who, attempt))
        if len(its) >= PORTS:
            self._open[host] = attempt.last_ns

    def judged(self, addresses: Addresses, now_ns: int) -> Iterator[Anomaly]:
        """The hosts of which it is known by now that many tried their ports in vain."""
        self._addresses = addresses
        for host, last_ns in list(self._open.items()):
            its = _busiest(self._vain(host, now_ns))
            if its and self._told.due(host, its[-1][1].at_ns, len(its)):
                yield _anomaly(addresses, host, its)
            if now_ns - last_ns > ANSWERS_NS:
                del self._open[host]

    def rest(self) -> Iterator[Anomaly]:
        """The same, when nothing more comes."""
        return self.judged(self._addresses, max(self._open.values(), default=0) + ANSWERS_NS + 1)

    def _vain(self, host: int, now_ns: int) -> list[Tried]:
        """What was tried at a host and is not answered, by those whom it is not known to serve."""
        vain = ((who, one) for who, one in self._tried.look(host) or () if not one.answered)
        its = [(who, one) for who, one in vain if one.refused_ns or now_ns - one.at_ns > ANSWERS_NS]
        if len(its) < PORTS:
            return []
        who, port = np.array([who for who, _ in its], np.uint64), np.array([one.port for _, one in its], np.uint64)
        known = self._acquainted.accepted(who, np.full(len(its), host, np.uint64), port).tolist()
        each = Counter(who for who, _ in its)
        return [
            (who, one)
            for (who, one), accepted in zip(its, known, strict=True)
            if not accepted and each[who] < PORTS_AT_ONCE
        ]


def _busiest(its: list[Tried]) -> list[Tried]:
    """Those of the minute in which the most ports were tried of those in which many were, each hardly twice."""
    found: list[Tried] = []
    ports: Counter[int] = Counter()
    sources: Counter[int] = Counter()
    most = begin = 0
    its = sorted(its, key=lambda tried: tried[1].at_ns)
    for end, (who, last) in enumerate(its, 1):
        ports[last.port] += 1
        sources[who] += 1
        while last.at_ns - its[begin][1].at_ns > MINUTE_NS:
            gone, first = its[begin]
            ports -= Counter((first.port,))
            sources -= Counter((gone,))
            begin += 1
        enough = len(ports) >= PORTS and len(sources) >= SOURCES and end - begin <= TWICE * len(ports)
        if enough and len(ports) > most:
            most, found = len(ports), its[begin:end]
    return found


def _anomaly(addresses: Addresses, host: int, its: list[Tried]) -> Anomaly:
    text, ports, sources = addresses.text, sorted({one.port for _, one in its}), Counter(who for who, _ in its)
    (most, _), *_ = sources.most_common(1)
    return Anomaly(
        name="scan_tcp_vertical",
        severity=Severity.MEDIUM,
        words=(
            f"{len(sources)} máy quét {len(ports)} cổng tcp của {text(host)} trong một phút, mỗi máy chỉ vài cổng",
            f"{len(sources)} hosts scanned {len(ports)} tcp ports of {text(host)} within a minute, a few ports each",
        ),
        source_ip=text(most),
        first_ns=min(one.at_ns for _, one in its),
        last_ns=max(one.last_ns for _, one in its),
        targets=[Target(text(host), port) for port in ports],
        counts={"packets": sum(one.tries for _, one in its), "sources": len(sources)},
        frames=[one.number for _, one in its],
    )
