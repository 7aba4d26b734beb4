# SPDX-License-Identifier: Apache-2.0
"""Hosts that send out far more than they ever did and than their neighbours ever do (ATT&CK T1048, T1567).

Made from the flows of each minute. What a host sent out of the unit's networks is summed up by the hour; it is told
when the hour is TIMES what the host's fullest hour of the last week was, and TIMES the usual fullest hour of its
neighbours. So a server that always sends much is usual by its own habit, and a nightly backup is known after the first
night. A host has no habit before it was known for LEARNT hours. Floor: 100 MB within the hour. Hours in which nothing
was watched do not count.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import is_own, octets
from giamsat_agent.packets.detector import Table
from giamsat_agent.packets.flows import Flow

HOUR_NS: Final = 3_600 * 1_000_000_000
FLOOR: Final = 100_000_000
TIMES: Final = 5
LEARNT: Final = 24
WEEK: Final = 168
PEERS: Final = 3
"""Neighbours with a habit of their own before they are asked."""
LEAST: Final = 1_000_000
"""Who never sent more than this in an hour is taken to have sent so much."""
HOSTS: Final = 1_024
TARGETS: Final = 32
_MB: Final = 1_000_000
_NOBODY: Final = frozenset({bytes(4), b"\xff" * 4, bytes(16), bytes(15) + b"\1"})
"""Unspecified, everybody, and oneself."""


@dataclass(slots=True)
class _Host:
    """What a host sent out: in this hour, in all and to whom, and in each hour before. `told` is how much was told."""

    sent: int = 0
    to: dict[str, int] = field(default_factory=dict)
    told: int = 0
    hours: deque[int] = field(default_factory=lambda: deque(maxlen=WEEK))

    @property
    def fullest(self) -> int:
        """The most it sent in one hour."""
        return max(*self.hours, LEAST) if self.hours else LEAST

    @property
    def is_known(self) -> bool:
        """Whether it has a habit yet."""
        return len(self.hours) >= LEARNT


class Uploads:
    """The hosts of one interface."""

    def __init__(self) -> None:
        self._hosts: Table[str, _Host] = Table(HOSTS)
        self._hour = 0

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._hosts.evicted

    def take(self, flows: Iterable[Flow], at_ns: int) -> Iterator[Anomaly]:
        """The flows of a minute that ended at a time; who sends too much."""
        self._turn(at_ns // HOUR_NS)
        changed: dict[str, _Host] = {}
        for flow in flows:
            ends = [octets(address) for address in (flow.source, flow.destination)]
            for host, far, sent, goes_out in (
                (flow.source, flow.destination, flow.sent_bytes, _goes_out(*ends)),
                (flow.destination, flow.source, flow.received_bytes, _goes_out(*reversed(ends))),
            ):
                if sent and goes_out:
                    its = changed[host] = self._hosts.get(host) or self._hosts.put(host, _Host())
                    its.sent += sent
                    its.to[far] = its.to.get(far, 0) + sent
                    if len(its.to) > TARGETS:
                        del its.to[min(its.to, key=its.to.__getitem__)]
        for host, its in changed.items():
            if its.sent >= FLOOR and its.is_known and 4 * its.sent >= 5 * its.told:
                yield from self._judged(host, its, at_ns)

    def _turn(self, hour: int) -> None:
        """An hour is over: what was usual in it is a habit, what was told is none, nor is an hour nobody watched."""
        is_over = 0 < self._hour < hour
        self._hour = hour
        if not is_over:
            return
        for _name, its in self._hosts.items():  # noqa: PERF102 - a Table has no values()
            its.hours.append(min(its.sent, its.fullest) if its.told else its.sent)
            its.sent = its.told = 0
            its.to.clear()

    def _judged(self, host: str, its: _Host, at_ns: int) -> Iterator[Anomaly]:
        own = its.fullest
        peers = [each.fullest for name, each in self._hosts.items() if name != host and each.is_known]
        usual = round(median(peers)) if len(peers) >= PEERS else 0
        if its.sent < TIMES * max(own, usual):
            return
        its.told = its.sent
        sent, most = its.sent // _MB, own // _MB
        to = sorted(its.to, key=its.to.__getitem__, reverse=True)
        yield Anomaly(
            name="upload_volume",
            severity=Severity.MEDIUM,
            words=(
                f"{host} gửi ra ngoài {sent} MB trong một giờ, chủ yếu tới {to[0]}; trước đây nhiều nhất {most} MB",
                f"{host} sent {sent} MB out within an hour, most of it to {to[0]}; it never sent more than {most} MB",
            ),
            source_ip=host,
            first_ns=self._hour * HOUR_NS,
            last_ns=at_ns,
            targets=[Target(far) for far in to],
            counts={
                "megabytes": sent,
                "own_times": its.sent // own,
                "peers": len(peers),
                **({"peer_times": its.sent // usual} if usual else {}),
            },
        )


def _goes_out(near: bytes, far: bytes) -> bool:
    """Whether what one end sends the other leaves the unit's networks for a host."""
    if not is_own(near) or is_own(far) or far in _NOBODY:
        return False
    return far[0] >> 4 != 14 and far[0] != 127 if len(far) == 4 else far[0] != 0xFF  # noqa: PLR2004 - groups, loopback
