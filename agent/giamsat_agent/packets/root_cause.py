# SPDX-License-Identifier: Apache-2.0
"""One cause is told once: where a stronger class explains what a host does, the weaker ones that it brings are silent.

Who carries data by names asks for ever new ones, evenly or in storms; who looks for its server by made-up domains asks
for many that do not exist.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.detector import Table
from giamsat_wire.clock import SECOND_NS

STRONGER: Final[Mapping[str, tuple[str, ...]]] = {
    "nxdomain_storm": ("dns_tunnel", "dns_dga"),
    "beacon": ("dns_tunnel",),
}
EXPLAINING: Final = frozenset(name for names in STRONGER.values() for name in names)
EXPLAINED_NS: Final = 600 * SECOND_NS
"""For so long before and after."""
HOSTS: Final = 1_024
_DOMAIN: Final = "dns.question.registered_domain"

Key = tuple[str, str, str]


class Explained:
    """What was told lately that explains more: by its class, its host, and the domain of a beacon."""

    def __init__(self) -> None:
        self._told: Table[Key, tuple[int, int]] = Table(HOSTS)

    def spoken(self, anomalies: Iterable[Anomaly]) -> Iterator[Anomaly]:
        """Those of these, one after the other, that nothing explains which was told before."""
        for anomaly in anomalies:
            self._note(anomaly)
            if not self._is_explained(anomaly):
                yield anomaly

    def left(self, anomalies: Iterable[Anomaly]) -> list[Anomaly]:
        """Those of these that nothing explains, be it told later."""
        every = list(anomalies)
        for anomaly in every:
            self._note(anomaly)
        return [one for one in every if not self._is_explained(one)]

    def _note(self, anomaly: Anomaly) -> None:
        if anomaly.name in EXPLAINING:
            for domain in {"", anomaly.about.get(_DOMAIN, "")}:
                self._told.put((anomaly.name, anomaly.source_ip, domain), (anomaly.first_ns, anomaly.last_ns))

    def _is_explained(self, anomaly: Anomaly) -> bool:
        stronger = STRONGER.get(anomaly.name, ())
        domain = anomaly.about.get(_DOMAIN, "")
        if not stronger or (anomaly.name == "beacon" and not domain):
            return False
        spans = (self._told.get((name, anomaly.source_ip, domain)) for name in stronger)
        return any(
            span is not None
            and span[0] - EXPLAINED_NS <= anomaly.last_ns
            and anomaly.first_ns - EXPLAINED_NS <= span[1]
            for span in spans
        )
