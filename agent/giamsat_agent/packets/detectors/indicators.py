# SPDX-License-Identifier: Apache-2.0
"""Contacts with what stands in lists of known evil that people bring: addresses, domains, fingerprints of programs.

A connection to or from an address, a name asked of DNS or given in a TLS hello, and a client's JA4 are compared. An
answer alone is no contact: who scans us and gets none has not been talked with.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import true_at
from giamsat_agent.packets.columns.addresses import V6, Addresses, Identities
from giamsat_agent.packets.columns.batch import ACK, SYN, TCP, UDP, Batch
from giamsat_agent.packets.detector import Room, Told
from giamsat_agent.packets.indicator_lists import Listed
from giamsat_agent.packets.payloads.handshake import ClientGreeting

LOOKED_AT: Final = 2_048
SLOTS: Final = 1 << 16
PORT: Final = 53
INDICATOR: Final = "giamsat.anomaly.indicator"
"""The field that says which entry was met."""


class KnownBad:
    """What was met of a list."""

    def __init__(self, listed: Listed) -> None:
        self.room = Room()
        self._listed = listed
        self._numbers: frozenset[int] | None = None
        self._maybe = np.zeros(SLOTS, bool)
        self._told: Told[tuple[int, str]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        if self._listed.addresses:
            yield from self._reached(batch)
        if self._listed.domains:
            for asked in batch.dns:
                if not asked.question.is_answer:
                    listed = self._listed.domain(asked.question.name)
                    yield from self._met(batch, asked.place, asked.source, (asked.destination, PORT), listed)
        for greeting in batch.greetings:
            if isinstance(greeting, ClientGreeting):
                yield from self._greeted(batch, greeting)

    def _greeted(self, batch: Batch, greeting: ClientGreeting) -> Iterator[Anomaly]:
        listed = self._listed.domain(greeting.hello.server_name)
        if not listed and self._listed.fingerprints and greeting.ja4 in self._listed.fingerprints:
            listed = greeting.ja4
        client, server, _, port = greeting.ends
        about = {"tls.client.server_name": greeting.hello.server_name, "tls.client.ja4": greeting.ja4} | {
            INDICATOR: listed
        }
        yield from self._told_of(batch, client, (server, port), (greeting.at_ns, greeting.number), about)

    def _reached(self, batch: Batch) -> Iterator[Anomaly]:
        """Answered connections and datagrams that go to or come from a listed address."""
        numbers = self._known(batch.addresses)
        both = (batch.protocol == TCP) & ((batch.flags & (SYN | ACK)) == SYN | ACK)
        chosen = both | (batch.protocol == UDP)
        near, far = self._maybe[_slots(batch.source)], self._maybe[_slots(batch.destination)]
        for at in true_at(chosen & (near | far))[:LOOKED_AT].tolist():
            source, destination = int(batch.source[at]), int(batch.destination[at])
            if destination in numbers and source not in numbers:
                where = (destination, int(batch.destination_port[at]))
                yield from self._met(batch, at, source, where, batch.addresses.text(destination))
            elif source in numbers and both[at]:
                where = (source, int(batch.source_port[at]))
                yield from self._met(batch, at, destination, where, batch.addresses.text(source))

    def _known(self, addresses: Addresses) -> frozenset[int]:
        if self._numbers is None:
            every = self._listed.addresses
            six = b"".join(one for one in every if len(one) == 16)  # noqa: PLR2004 - IPv6
            numbers = addresses.identify(np.frombuffer(six, np.uint64).reshape(-1, 2)).tolist()
            numbers += [int.from_bytes(one) for one in every if len(one) == 4]  # noqa: PLR2004 - IPv4
            self._numbers = frozenset(numbers)
            self._maybe[_slots(np.array(numbers, np.uint64))] = True
        return self._numbers

    def _met(self, batch: Batch, at: int, who: int, where: tuple[int, int], listed: str) -> Iterator[Anomaly]:
        moment = int(batch.time_ns[at]), int(batch.number[at])
        yield from self._told_of(batch, who, where, moment, {INDICATOR: listed})

    def _told_of(
        self, batch: Batch, who: int, where: tuple[int, int], moment: tuple[int, int], about: dict[str, str]
    ) -> Iterator[Anomaly]:
        (at_ns, number), listed = moment, about[INDICATOR]
        if not listed or not self._told.due((who, listed), at_ns, 1):
            return
        text = batch.addresses.text
        yield Anomaly(
            name="known_bad",
            severity=Severity.HIGH,
            words=(
                f"{text(who)} liên lạc với {listed}, có trong danh sách xấu đã biết",
                f"{text(who)} is in contact with {listed}, which a list of known evil holds",
            ),
            source_ip=text(who),
            first_ns=at_ns,
            last_ns=at_ns,
            targets=[Target(text(where[0]), where[1])],
            counts={"packets": 1},
            frames=[number] if number else [],
            about=about,
        )


def _slots(numbers: Identities) -> Identities:
    """A slot for each address; IPv6 has its hash, and IPv4 is folded."""
    folded = np.where(numbers >= V6, numbers, numbers ^ (numbers >> np.uint64(16)))
    return folded & np.uint64(SLOTS - 1)
