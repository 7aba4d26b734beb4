# SPDX-License-Identifier: Apache-2.0
"""Tor (ATT&CK T1090.003), as far as it can be told without a list of its relays, which changes by the hour.

Its client gives a made-up name, www and 8 to 20 letters of base 32 under .com or .net, offers no protocol of the web,
and nobody has asked DNS for that name. One such hello may be chance; TIMES different ones within an hour are not. A
name that ends in .onion and is asked of DNS was meant for Tor.
"""

import re
from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Lately, Room, Table, Told
from giamsat_agent.packets.payloads.handshake import ClientGreeting
from giamsat_wire.clock import SECOND_NS

TIMES: Final = 2
SPAN_NS: Final = 3_600 * SECOND_NS
CLIENTS: Final = 1_024
NAMES: Final = 8_192
HIDDEN: Final = ".onion"
ENDS: Final = (".com", ".net", HIDDEN)
"""Other names are of no use here."""
PORT: Final = 53
MADE_UP: Final = re.compile(r"www\.(?=[a-z]*[2-7])[a-z2-7]{8,20}\.(?:com|net)")
"""With a digit among its letters: three names of four that are drawn so have one, and hardly one that people chose."""


class Tor:
    """Made-up names by client, and names lately asked of DNS."""

    def __init__(self) -> None:
        self.room = Room()
        self._asked: Table[int, bool] = Table(NAMES)
        self._made_up: Table[int, Lately[int]] = self.room.table(CLIENTS)
        self._told: Told[int] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for asked in batch.dns:
            name = asked.question.name
            if not name.endswith(ENDS):
                continue
            if MADE_UP.fullmatch(name):
                self._asked.put(hash(name), value=True)
            elif name.endswith(HIDDEN) and not asked.question.is_answer:
                resolver = Target(batch.addresses.text(asked.destination), PORT)
                yield from self._told_of(batch, asked.source, resolver, asked.at_ns, [asked.number])
        for greeting in batch.greetings:
            if isinstance(greeting, ClientGreeting):
                yield from self._greeted(batch, greeting)

    def _greeted(self, batch: Batch, greeting: ClientGreeting) -> Iterator[Anomaly]:
        name, client = greeting.hello.server_name, greeting.ends[0]
        if greeting.hello.protocols or not MADE_UP.fullmatch(name) or hash(name) in self._asked:
            return
        seen = self._made_up.get(client) or self._made_up.put(client, Lately(8 * TIMES, SPAN_NS))
        seen.add(greeting.at_ns, hash(name), greeting.number)
        if seen.different >= TIMES:
            relay = Target(batch.addresses.text(greeting.ends[1]), greeting.ends[3])
            frames = [number for _, _, number in seen.seen if number]
            yield from self._told_of(batch, client, relay, greeting.at_ns, frames)

    def _told_of(self, batch: Batch, client: int, target: Target, at_ns: int, frames: list[int]) -> Iterator[Anomaly]:
        if not self._told.due(client, at_ns, 1):
            return
        who = batch.addresses.text(client)
        yield Anomaly(
            name="tor",
            severity=Severity.MEDIUM,
            words=(f"{who} có dấu hiệu dùng mạng Tor", f"{who} seems to use Tor"),
            source_ip=who,
            first_ns=at_ns,
            last_ns=at_ns,
            targets=[target],
            counts={"packets": max(len(frames), 1)},
            frames=frames,
        )
