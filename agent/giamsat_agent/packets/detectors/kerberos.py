# SPDX-License-Identifier: Apache-2.0
"""Guessing at Kerberos (ATT&CK T1110, T1087.002): passwords that are wrong, and users that do not exist.

Whoever asks for a ticket without proof is told whether there is such a user. A person mistypes a name now and then, a
program whose host is unknown asks for the same one again and again; who asks for ever other names looks for users.
Floors: as of every login that a server refuses, or USERS different unknown names within SPAN_NS.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import TCP, Batch
from giamsat_agent.packets.detector import SECOND_NS, Lately, Room, Table, Told
from giamsat_agent.packets.kerberos import ASKS, GIVES, UNKNOWN, WRONG, Said, said
from giamsat_agent.packets.refused import Refused

PORT: Final = 88
PREFIX: Final = 4
"""Bytes before a message over TCP: its length (RFC 4120, section 7.2.2)."""
USERS, SPAN_NS = 10, 120 * SECOND_NS
PAIRS: Final = 256
REQUESTS: Final = 4_096
LOOKED_AT: Final = 4_096


class Kerberos:
    """What clients were refused by a server: how often, and which users it did not know, by the hash of their names."""

    def __init__(self) -> None:
        self.room = Room()
        self._refused = Refused(self.room)
        self._asked: Table[tuple[int, int, int], tuple[int, bool]] = Table(REQUESTS)
        """The hash of the name in a request, by its ends, and whether it was answered."""
        self._unknown: Table[tuple[int, int], Lately[int]] = self.room.table(PAIRS)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        carried = (batch.udp, batch.spoken)
        places = [at[(batch.source_port[at] == PORT) | (batch.destination_port[at] == PORT)] for at in carried]
        for at in np.sort(np.concatenate(places))[:LOOKED_AT].tolist():
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
            yield from self._nobody(batch, at, (int(batch.destination[at]), int(batch.source[at])), name)

    def _nobody(self, batch: Batch, at: int, pair: tuple[int, int], name: int) -> Iterator[Anomaly]:
        """A client asked for a user that a server does not know."""
        unknown, now_ns = self._unknown.get(pair), int(batch.time_ns[at])
        if unknown is None:
            unknown = self._unknown.put(pair, Lately(8 * USERS, SPAN_NS))
        unknown.add(now_ns, name, int(batch.number[at]))
        count = unknown.different
        if count < USERS or not self._told.due(pair, now_ns, count):
            return
        client, server = batch.addresses.text(pair[0]), batch.addresses.text(pair[1])
        yield Anomaly(
            name="bruteforce",
            severity=Severity.HIGH,
            words=(
                f"{client} hỏi {server} về {count} người dùng Kerberos không tồn tại trong hai phút",
                f"{client} asked {server} for {count} Kerberos users that do not exist within two minutes",
            ),
            source_ip=client,
            first_ns=unknown.seen[0][0],
            last_ns=now_ns,
            targets=[Target(server, PORT)],
            counts={"refusals": len(unknown.seen), "users": count},
            frames=[number for _, _, number in unknown.seen],
        )
