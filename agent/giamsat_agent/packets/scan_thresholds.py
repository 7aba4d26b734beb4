# SPDX-License-Identifier: Apache-2.0
"""When unanswered attempts of one source are a scan (ATT&CK T1046): many ports of one host, or many hosts on one port.

Floors: 15 ports of one host within five minutes or 10 hosts on one port within one (CrowdSec: 15 ports; Elastic: 50, or
5 of those that administration uses); 20 ports within an hour; over a day 30 ports, 20 hosts, or 6 on a port of
administration. What is answered does not count, so neither a browser nor a monitoring poll of hosts that live is a
scan; nor is a poll of which a few hosts are down, or a program that calls its peers, each on a port of its own, or
those whose address it was given.
Nothing counts that went out while the line was cut, unless it was refused. Who drops whatever answers, and was refused
by nobody, may look whether services live, which is done again and again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise, repeat
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.attempts import Attempt, Source
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.detector import Told, busiest
from giamsat_wire.clock import SECOND_NS

MINUTE_NS: Final = 60 * SECOND_NS
PORTS_AT_ONCE, PORTS_NS = 15, 300 * SECOND_NS
PORTS_AN_HOUR, HOUR_NS = 20, 3_600 * SECOND_NS
HOSTS_A_MINUTE: Final = 10
PORTS_A_DAY: Final = 30
HOSTS_A_DAY: Final = 20
ADMINISTRATION: Final = frozenset({21, 22, 23, 25, 135, 139, 445, 2323, 3389, 5985, 5986})
ADMINISTRATION_A_DAY: Final = 6
TOLD_OF: Final = frozenset({3478, 7680, 19302})
"""Windows is told by Microsoft who behind the same address has an update (Delivery Optimization), and a program for
calls by its own servers who may know its address (STUN, RFC 8489): be these off, far or barred."""
ALIVE: Final = 2
"""Hosts that answer for each that does not, from which they are polled."""
ANSWERS_NS: Final = 2 * SECOND_NS
"""Who is not answered by then is not: a line over a satellite takes half a second, a busy device longer."""
POLLED_NS: Final = 45 * SECOND_NS
"""Who looks whether services live does so each 2 to 30 seconds; who has not looked again by then does not."""
TRACED: Final = range(33434, 33700)
"""UDP ports of traceroute(8)."""
SYSTEM_PORTS: Final = 1024
SERVED: Final = frozenset(
    {*range(SYSTEM_PORTS), 1194, 1701, 1812, 1813, 2049, 3389, 3478, 4500, 5060, 5061, 5349, 8443}
)
"""UDP ports of services: those of the system, and OpenVPN, L2TP, RADIUS, NFS, RDP, STUN, IPsec through NAT, SIP, STUN
over TLS, QUIC. What these say to many ports behind one address are answers."""
PEERS_PORTS, PEERS_HOSTS = 10, 3
"""Different ports that are tried, and hosts for each of them at most, from which the hosts are peers of a program."""


Spans = Sequence[tuple[int, int]]
"""Beginnings and ends."""
Known = Callable[[int, list[Attempt]], Iterable[bool]]
"""Which targets of a source it knows from elsewhere."""


def nobody(_: int, its: list[Attempt]) -> Iterable[bool]:
    """A source that knows none of its targets."""
    return repeat(False, len(its))  # noqa: FBT003 - a Mask


class Scanning:
    """Judges the attempts of a source, and tells of it once a minute or when it has grown."""

    def __init__(self, names: tuple[str, str | None], means: str) -> None:
        """`names` are the classes of many ports and of many hosts, None to look for ports only.

        `means` is what the attempts are made with.
        """
        self._names = names
        self._means = means
        self._told: Told[tuple[str, int]] = Told()

    def judged(
        self,
        addresses: Addresses,
        who: int,
        known: Source,
        now_ns: int,
        *,
        cut: Spans = (),
        answers_ns: int = 0,
        patience_ns: int = 0,
        known_of: Known = nobody,
    ) -> Iterator[Anomaly]:
        """The scans that what is known of a source amounts to, if they are to be told now.

        `cut` are the times when nothing came from outside; `answers_ns` is how long to wait for answers, `patience_ns`
        for what is done again; `known_of` says whom the source has a reason to call.
        """
        if known.open < ADMINISTRATION_A_DAY:
            return
        waited = (one for one in known.unanswered(now_ns) if one.refused_ns or now_ns - one.at_ns >= answers_ns)
        open_ = sorted(waited, key=lambda one: one.at_ns)
        if all(one.dropped_ns for one in open_):
            open_ = [one for one in open_ if now_ns - one.dropped_ns >= patience_ns]
        for begin_ns, end_ns in cut:
            open_ = [
                one
                for one in open_
                if one.refused_ns or not (begin_ns <= one.at_ns <= end_ns and addresses.is_beyond(who, one.target))
            ]
        if len(open_) < ADMINISTRATION_A_DAY:
            return
        sought = [
            one
            for one, has_reason in zip(open_, known_of(who, open_), strict=True)
            if not has_reason or one.port in ADMINISTRATION
        ]
        by_target, by_port = _grouped(open_, "target"), _grouped(sought, "port")
        answering = Counter(one.port for one in known.attempts.values() if one.answered)
        every = known.attempts
        peers = _are_peers(len(every), len({target for target, _ in every}), len({port for _, port in every}))
        vertical = [its for its in by_target.values() if _is_vertical(its)]
        horizontal = [
            its
            for port, its in by_port.items()
            if _is_horizontal(its)
            and answering[port] < ALIVE * len(its)
            and (not peers or port in ADMINISTRATION or 2 * len(its) > len(every))
        ]
        both = [[one for group in found for one in group] for found in (vertical, horizontal)]
        told = self._one(who, both)
        for name, its in zip(self._names, told, strict=True):
            if name is not None and its and self._told.due((name, who), now_ns, len(its)):
                yield self._anomaly(addresses, who, its, name)

    def _one(self, who: int, both: list[list[Attempt]]) -> list[list[Attempt]]:
        """Many ports of many hosts are one scan, told as what it was told as first, or as the wider of the two."""
        vertical, horizontal = both
        shared = len({id(one) for one in vertical} & {id(one) for one in horizontal})
        if None in self._names or 2 * shared < min(len(vertical), len(horizontal)) or not shared:
            return both
        before = [self._told.at((name, who)) for name in self._names if name is not None]
        if before[0] == before[1]:
            ports, hosts = (len({getattr(one, by) for one in (*vertical, *horizontal)}) for by in ("port", "target"))
            return [vertical, []] if ports >= hosts else [[], horizontal]
        return [vertical, []] if before[0] > before[1] else [[], horizontal]

    def _anomaly(self, addresses: Addresses, who: int, its: list[Attempt], name: str) -> Anomaly:
        text, means = addresses.text, self._means
        hosts, ports = len({one.target for one in its}), len({one.port for one in its})
        if name == self._names[0]:
            where_vi, where_en = (text(its[0].target),) * 2 if hosts == 1 else (f"{hosts} máy", f"{hosts} hosts")
            words = (
                f"{text(who)} quét {ports} cổng {means} của {where_vi}",
                f"{text(who)} scanned {ports} {means} ports of {where_en}",
            )
        else:
            where_vi, where_en = (
                (f"cổng {its[0].port}/{means}", f"port {its[0].port}/{means}")
                if ports == 1
                else (f"{ports} cổng {means}", f"{ports} {means} ports")
            )
            words = (f"{text(who)} quét {hosts} máy ở {where_vi}", f"{text(who)} scanned {hosts} hosts on {where_en}")
        its = sorted(its, key=lambda one: one.at_ns)
        return Anomaly(
            name=name,
            severity=Severity.MEDIUM,
            words=words,
            source_ip=text(who),
            first_ns=its[0].at_ns,
            last_ns=its[-1].at_ns,
            targets=[Target(text(one.target), one.port) for one in its],
            counts={"packets": sum(one.tries for one in its)},
            frames=[one.number for one in its],
        )


def _are_peers(attempts: int, hosts: int, ports: int) -> bool:
    """Whether nearly each host is tried on one port, and nearly each on another: so do programs that know where."""
    return ports >= PEERS_PORTS and PEERS_HOSTS * ports >= hosts and 2 * attempts <= 3 * hosts


def is_in_order(addresses: Sequence[int]) -> bool:
    """Whether half of the addresses follow one another, as those that somebody goes through do."""
    ordered = sorted(addresses)
    return 2 * sum(after - before == 1 for before, after in pairwise(ordered)) >= len(ordered)


def _grouped(attempts: list[Attempt], by: str) -> dict[int, list[Attempt]]:
    groups: dict[int, list[Attempt]] = {}
    for one in attempts:
        groups.setdefault(getattr(one, by), []).append(one)
    return groups


def _is_vertical(its: list[Attempt]) -> bool:
    return _many(its, PORTS_A_DAY, PORTS_AT_ONCE, PORTS_NS) or _many(its, PORTS_A_DAY, PORTS_AN_HOUR, HOUR_NS)


def _is_horizontal(its: list[Attempt]) -> bool:
    if its[0].port in TOLD_OF and not is_in_order([one.target for one in its]):
        return False
    if its[0].port in ADMINISTRATION and len(its) >= ADMINISTRATION_A_DAY:
        return True
    return _many(its, HOSTS_A_DAY, HOSTS_A_MINUTE, MINUTE_NS)


def _many(its: list[Attempt], slow: int, fast: int, span_ns: int) -> bool:
    return len(its) >= slow or (len(its) >= fast and busiest([one.at_ns for one in its], span_ns) >= fast)
