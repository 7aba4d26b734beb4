# SPDX-License-Identifier: Apache-2.0
"""Names asked of public resolvers over HTTPS or TLS (ATT&CK T1071.004; RFC 8484, RFC 7858), past the network's own.

Told by the resolver's name in the hello or its address, both of a dated list that comes with the agent, by the port
that is for nothing else, and by names that say so. A resolver of one's own is left out by the collector's rules.
"""

from collections.abc import Iterator
from importlib import resources
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.columns.addresses import V6
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Daily, Room
from giamsat_agent.packets.indicator_lists import Listed, parsed
from giamsat_agent.packets.payloads.handshake import ClientGreeting

DNS_OVER_TLS: Final = 853
HTTPS: Final = 443
SELF_SAID: Final = frozenset({"doh", "dns-over-https", "dot", "dns-query"})
"""First labels of names that are given to resolvers and to nothing else."""


def resolvers() -> Listed:
    """The resolvers that are known."""
    name = "known/resolvers.txt"
    return parsed([(name, resources.files("giamsat_agent.packets").joinpath(name).read_text("utf-8"))])


class OtherResolver:
    """Encrypted questions by client and resolver."""

    def __init__(self) -> None:
        self.room = Room()
        self._known = resolvers()
        self._addresses = frozenset(int.from_bytes(one) for one in self._known.addresses if len(one) == 4)  # noqa: PLR2004
        self._six = b"".join(one for one in self._known.addresses if len(one) == 16)  # noqa: PLR2004 - IPv6
        self._seen: Daily[tuple[int, str]] = Daily(self.room)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for greeting in batch.greetings:
            if isinstance(greeting, ClientGreeting) and batch.addresses.is_beyond(*greeting.ends[:2]):
                how = self._how(batch, greeting)
                if how:
                    yield from self._told(batch, greeting, how)

    def _how(self, batch: Batch, greeting: ClientGreeting) -> str:
        name, port = greeting.hello.server_name, greeting.ends[3]
        if port == DNS_OVER_TLS:
            return "DNS over TLS"
        named = self._known.domain(name) or name.partition(".")[0] in SELF_SAID
        bare = not name and port == HTTPS and self._is_known(batch, greeting.ends[1])
        return "DNS over HTTPS" if named or bare else ""

    def _is_known(self, batch: Batch, server: int) -> bool:
        if server < V6:
            return server in self._addresses
        return server in batch.addresses.identify(np.frombuffer(self._six, np.uint64).reshape(-1, 2)).tolist()

    def _told(self, batch: Batch, greeting: ClientGreeting, how: str) -> Iterator[Anomaly]:
        client, server, _, port = greeting.ends
        text = batch.addresses.text
        resolver = greeting.hello.server_name or text(server)
        count = self._seen.counted((client, resolver), greeting.at_ns)
        if not count:
            return
        yield Anomaly(
            kind=Kind.POLICY,
            name="other_resolver",
            severity=Severity.LOW,
            words=(
                f"{text(client)} hỏi tên miền qua kênh mã hóa ({how}) tại {resolver}",
                f"{text(client)} asks for names where nobody sees it ({how}), at {resolver}",
            ),
            source_ip=text(client),
            first_ns=greeting.at_ns,
            last_ns=greeting.at_ns,
            targets=[Target(text(server), port)],
            counts={"connections": count},
            about={"giamsat.policy.subject": how, "tls.client.server_name": resolver, "tls.client.ja4": greeting.ja4},
        )
