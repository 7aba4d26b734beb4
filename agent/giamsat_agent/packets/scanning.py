# SPDX-License-Identifier: Apache-2.0
"""When unanswered attempts of one source are a scan (ATT&CK T1046): many ports of one host, or many hosts on one port.

Floors: 15 ports of one host or 10 hosts on one port within a minute (CrowdSec: 15 ports; Elastic: 50, or 5 of those
that administration uses); over a day twice as many, or 6 hosts on a port of administration. What is answered does not
count, so neither a browser nor a monitoring poll of hosts that live is a scan.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.addresses import Addresses
from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.attempts import Attempt, Source
from giamsat_agent.packets.detector import SECOND_NS, Told, busiest

MINUTE_NS: Final = 60 * SECOND_NS
PORTS_A_MINUTE: Final = 15
HOSTS_A_MINUTE: Final = 10
PORTS_A_DAY: Final = 30
HOSTS_A_DAY: Final = 20
ADMINISTRATION: Final = frozenset({21, 22, 23, 25, 135, 139, 445, 2323, 3389, 5985, 5986})
ADMINISTRATION_A_DAY: Final = 6


class Scanning:
    """Judges the attempts of a source, and tells of it once a minute or when it has grown."""

    def __init__(self, names: tuple[str, str | None], means: str) -> None:
        """`names` are the classes of many ports and of many hosts, None to look for ports only.

        `means` is what the attempts are made with.
        """
        self._names = names
        self._means = means
        self._told: Told[tuple[str, int, int]] = Told()

    def judged(self, addresses: Addresses, who: int, known: Source, now_ns: int) -> Iterator[Anomaly]:
        """The scans that what is known of a source amounts to, if they are to be told now."""
        if len(known.attempts) < ADMINISTRATION_A_DAY:
            return
        open_ = sorted(known.unanswered(now_ns), key=lambda one: one.at_ns)
        if len(open_) < ADMINISTRATION_A_DAY:
            return
        for name, groups, is_scan in (
            (self._names[0], _grouped(open_, "target"), _is_vertical),
            (self._names[1], _grouped(open_, "port"), _is_horizontal),
        ):
            for group, its in groups.items():
                if name is not None and is_scan(its) and self._told.due((name, who, group), now_ns, len(its)):
                    yield self._anomaly(addresses, who, its, name)

    def _anomaly(self, addresses: Addresses, who: int, its: list[Attempt], name: str) -> Anomaly:
        text = addresses.text
        if name == self._names[0]:
            target = text(its[0].target)
            words = (
                f"{text(who)} quét {len(its)} cổng {self._means} của {target}",
                f"{text(who)} scanned {len(its)} {self._means} ports of {target}",
            )
        else:
            words = (
                f"{text(who)} quét {len(its)} máy ở cổng {its[0].port}/{self._means}",
                f"{text(who)} scanned {len(its)} hosts on port {its[0].port}/{self._means}",
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


def _grouped(attempts: list[Attempt], by: str) -> dict[int, list[Attempt]]:
    groups: dict[int, list[Attempt]] = {}
    for one in attempts:
        groups.setdefault(getattr(one, by), []).append(one)
    return groups


def _is_vertical(its: list[Attempt]) -> bool:
    return _many(its, PORTS_A_DAY, PORTS_A_MINUTE)


def _is_horizontal(its: list[Attempt]) -> bool:
    if its[0].port in ADMINISTRATION and len(its) >= ADMINISTRATION_A_DAY:
        return True
    return _many(its, HOSTS_A_DAY, HOSTS_A_MINUTE)


def _many(its: list[Attempt], slow: int, fast: int) -> bool:
    return len(its) >= slow or (len(its) >= fast and busiest([one.at_ns for one in its], MINUTE_NS) >= fast)
