# SPDX-License-Identifier: Apache-2.0
"""Passwords that everybody on the way can read (ATT&CK T1040), in protocols that hide nothing.

Told when the server took one: what guessing sends in vain is another matter. Communities of SNMP are counted by their
keyed hashes. No password, and no part of one, is kept or told; what is told has no evidence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Kind, Severity, Target
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import HTTP as HTTP_ANSWER
from giamsat_agent.packets.detector import Daily, Room, Table
from giamsat_agent.packets.payloads.handshake import Ends
from giamsat_agent.packets.payloads.passwords import (
    BY_PORT,
    FTP,
    HTTP,
    INFORM,
    RESPONSE,
    TELNET,
    TRAP,
    TRAP2,
    Way,
    asks_for_password,
    community,
    is_nobody,
)
from giamsat_agent.packets.tls_reassembly import ends_of

PORTS: Final = OneOf(BY_PORT)
SNMP: Final = OneOf((161, 162))
SEQUENCE: Final = 0x30
LONGEST: Final = 1_024
"""Bytes of a line or message that logs in; longer ones are data."""
LOOKED_AT: Final = 2_048
WAITING: Final = 2_048
SERVERS: Final = 1_024
DIFFERENT: Final = 16
"""Communities of one server that are told apart."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was seen of a login: how it was sent, and whether all of it was. `names_nobody` is for FTP."""

    way: Way
    whole: bool = True
    names_nobody: bool = False


class OpenPasswords:
    """Logins in clear text by server, port and protocol."""

    def __init__(self) -> None:
        self.room = Room()
        self._waiting: Table[Ends, _Sent] = self.room.table(WAITING)
        self._communities: Table[tuple[int, str], set[int]] = self.room.table(SERVERS)
        self._seen: Daily[tuple[int, int, str]] = Daily(self.room)

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        lines = batch.spoken_at(PORTS)
        lines = lines[batch.payload[lines] <= LONGEST]
        for at in batch.any_of(batch.web, lines)[:LOOKED_AT].tolist():
            yield from self._heard(batch, at)
        coded = batch.udp[(batch.opening[batch.udp] & 0xFF) == SEQUENCE]
        ports = SNMP.at(batch.destination_port[coded]) | SNMP.at(batch.source_port[coded])
        for at in coded[ports][:LOOKED_AT].tolist():
            yield from self._managed(batch, at)

    def _heard(self, batch: Batch, at: int) -> Iterator[Anomaly]:
        near, far = int(batch.source_port[at]), int(batch.destination_port[at])
        if near in BY_PORT or int(batch.opening[at]) == HTTP_ANSWER:
            yield from self._answered(batch, at)
        else:
            self._said(batch, at, BY_PORT.get(far, HTTP))

    def _said(self, batch: Batch, at: int, way: Way) -> None:
        key, said = ends_of(batch, at, of_client=True), batch.content(at)
        known = self._waiting.get(key)
        if way is TELNET:
            if known is not None and way.sends(said):
                self._waiting.put(key, _Sent(way))
        elif way.sends(said) and not (known is not None and known.names_nobody):
            self._waiting.put(key, _Sent(way))
        elif way is FTP and is_nobody(said):
            self._waiting.put(key, _Sent(way, whole=False, names_nobody=True))
        elif known is not None and known.names_nobody and said[:4].upper() == b"USER":
            self._waiting.drop(key)

    def _answered(self, batch: Batch, at: int) -> Iterator[Anomaly]:
        key, said = ends_of(batch, at, of_client=False), batch.content(at)
        known = self._waiting.get(key)
        if known is None or not known.whole:
            if BY_PORT.get(key[3]) is TELNET and asks_for_password(said):
                self._waiting.put(key, _Sent(TELNET, whole=False))
            return
        taken = known.way.taken(said)
        if taken is None:
            return
        self._waiting.drop(key)
        if taken:
            yield from self._told(batch, at, (key[0], key[1], key[3]), known.way.name)

    def _managed(self, batch: Batch, at: int) -> Iterator[Anomaly]:
        """SNMP: an agent that answers to a community, or tells one by itself."""
        found = community(batch.content(at))
        if found is None:
            return
        version, kind, word = found
        if kind == RESPONSE:
            agent, manager, port = batch.source[at], batch.destination[at], batch.source_port[at]
        elif kind in {TRAP, TRAP2, INFORM}:
            agent, manager, port = batch.destination[at], batch.source[at], batch.destination_port[at]
        else:
            return
        known = self._communities.get((int(agent), version))
        known = known if known is not None else self._communities.put((int(agent), version), set())
        if len(known) < DIFFERENT:
            known.add(word)
        yield from self._told(batch, at, (int(manager), int(agent), int(port)), version, communities=len(known))

    def _told(self, batch: Batch, at: int, ends: tuple[int, int, int], name: str, **counts: int) -> Iterator[Anomaly]:
        client, server, port = ends
        now_ns = int(batch.time_ns[at])
        count = self._seen.counted((server, port, name), now_ns)
        if not count:
            return
        text = batch.addresses.text
        yield Anomaly(
            kind=Kind.POLICY,
            name="cleartext_password",
            severity=Severity.MEDIUM,
            words=(
                f"{text(client)} gửi mật khẩu không mã hóa ({name}) tới {text(server)} cổng {port}",
                f"{text(client)} sends a password in clear text ({name}) to {text(server)} port {port}",
            ),
            source_ip=text(client),
            first_ns=now_ns,
            last_ns=now_ns,
            targets=[Target(text(server), port)],
            counts={"connections": count, **counts},
            about={"giamsat.policy.subject": name, "network.protocol": name.lower()},
        )
