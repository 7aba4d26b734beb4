# SPDX-License-Identifier: Apache-2.0
"""Guessing at Kerberos (ATT&CK T1110, T1087.002): passwords that are wrong, and users that do not exist.

Whoever asks for a ticket without proof is told whether there is such a user. Floors: as of every login that a server
refuses, and of users that it does not know.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.columns.batch import TCP, Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table
from giamsat_agent.packets.payloads.kerberos import ASKS, GIVES, UNKNOWN, WRONG, Said, said
from giamsat_agent.packets.refused_logins import Refused
from giamsat_agent.packets.unknown_users import UnknownUsers

PORT: Final = 88
_PORT: Final = OneOf((PORT,))
PREFIX: Final = 4
"""Bytes before a message over TCP: its length (RFC 4120, section 7.2.2)."""
REQUESTS: Final = 4_096
LOOKED_AT: Final = 4_096


class Kerberos:
    """What clients were refused by a server: how often, and which users it did not know, by the hash of their names."""

    def __init__(self) -> None:
        self.room = Room()
        self._refused = Refused(self.room)
        self._asked: Table[tuple[int, int, int], tuple[int, bool]] = Table(REQUESTS)
        """The hash of the name in a request, by its ends, and whether it was answered."""
        self._unknown = UnknownUsers(self.room, "Kerberos", PORT)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        datagrams = batch.udp
        datagrams = datagrams[_PORT.at(batch.source_port[datagrams]) | _PORT.at(batch.destination_port[datagrams])]
        for at in batch.any_of(datagrams, batch.spoken_at(_PORT))[:LOOKED_AT].tolist():
            content = batch.content(at)
            message = said(content[PREFIX:] if batch.protocol[at] == TCP else content)
            if message is None:
                continue
            source, destination = int(batch.source[at]), int(batch.destination[at])
            if message.kind == ASKS:
                self._asked.put((source, destination, int(batch.source_port[at])), (hash(message.name), False))
            elif batch.source_port[at] != PORT:
                continue
            else:
                request = (destination, source, int(batch.destination_port[at]))
                asked = self._asked.get(request)
                # From outside anybody can send answers to what nobody asked.
                if asked is None and not batch.addresses.is_inside(source):
                    continue
                # Only the first answer is the server's for sure.
                name = hash(message.name) if message.name else asked[0] if asked and not asked[1] else None
                if asked:
                    self._asked.put(request, (asked[0], True))
                yield from self._answered(batch, at, message, name)

    def _answered(self, batch: Batch, at: int, message: Said, name: int | None) -> Iterator[Anomaly]:
        """A server gives a ticket to a user, or says why not."""
        if message.kind == GIVES:
            if name is not None:
                self._refused.take_back(batch, at, name)
        elif message.code == WRONG:
            yield from self._refused.add(batch, at, "Kerberos", name or 0)
        elif message.code == UNKNOWN and name is not None:
            yield from self._unknown.add(batch, at, name)
