# SPDX-License-Identifier: Apache-2.0
"""DHCPv6 (RFC 8415): a server that makes itself, or somebody new, the resolver of every host (ATT&CK T1557.003).

Hosts ask for such a server whether the network has one or not, and believe the first that answers. A router hands out
itself, and advertises itself as one; a server beside it hands out resolvers by addresses that can be reached from
everywhere. Who names its own link-local address and is no router leads the hosts' questions to itself. Two servers that
name the same resolvers stand in for each other; one that names others than the one known does not.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_wire.clock import SECOND_NS

SERVER, CLIENT = 547, 546
ADVERTISE, REPLY = 2, 7
RESOLVERS: Final = 23
"""The option that names them (RFC 3646)."""
ADDRESS: Final = 16
ROUTER_ADVERTISEMENT: Final = 134
LIFETIME: Final = 2
"""Bytes before what a batch calls the message's payload; with 0 the sender is no router (RFC 4861)."""
KNOWN_NS: Final = 24 * 3600 * SECOND_NS
LOOKED_AT: Final = 4_096


@dataclass(slots=True)
class _Server:
    """The server of a network that was known first, or last seen within a day."""

    mac: int
    resolvers: frozenset[bytes]
    seen_ns: int


class Dhcp6:
    """Servers by VLAN; routers by Ethernet address."""

    def __init__(self) -> None:
        self.room = Room()
        self._servers: Table[int, _Server] = self.room.table(4_096)
        self._routers: Table[int, bool] = self.room.table(1_024)
        self._told: Told[int] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        self._note_routers(batch)
        answers = (batch.source_port[batch.udp] == SERVER) & (batch.destination_port[batch.udp] == CLIENT)
        for at in batch.udp[answers][:LOOKED_AT].tolist():
            resolvers = resolvers_of(batch.content(at))
            if resolvers:
                yield from self._judged(batch, at, resolvers)

    def _note_routers(self, batch: Batch) -> None:
        for at in batch.icmp6[batch.source_port[batch.icmp6] == ROUTER_ADVERTISEMENT][:LOOKED_AT].tolist():
            start = int(batch.payload_at[at])
            if any(batch.data[start - LIFETIME : start].tobytes()):
                self._routers.put(int(batch.source_mac[at]), value=True)

    def _judged(self, batch: Batch, at: int, resolvers: frozenset[bytes]) -> Iterator[Anomaly]:
        vlan, mac, now_ns = int(batch.vlan[at]), int(batch.source_mac[at]), int(batch.time_ns[at])
        server = batch.addresses.text(int(batch.source[at]))
        own = ipaddress.ip_address(server)
        if own.is_link_local and own.packed in resolvers and mac not in self._routers:
            yield from self._rogue(batch, at, resolvers)
            return
        known = self._servers.get(vlan)
        if known is None or known.mac == mac or known.resolvers & resolvers or now_ns - known.seen_ns > KNOWN_NS:
            self._servers.put(vlan, _Server(mac if known is None else known.mac, resolvers, now_ns))
            return
        yield from self._rogue(batch, at, resolvers)

    def _rogue(self, batch: Batch, at: int, resolvers: frozenset[bytes]) -> Iterator[Anomaly]:
        mac, now_ns = int(batch.source_mac[at]), int(batch.time_ns[at])
        if not self._told.due(mac, now_ns, 1):
            return
        server = batch.addresses.text(int(batch.source[at]))
        names = ", ".join(sorted(str(ipaddress.IPv6Address(one)) for one in resolvers)[:4])
        yield Anomaly(
            name="dhcp6_rogue",
            severity=Severity.HIGH,
            words=(
                f"{server} ({mac_text(mac)}) trả lời DHCPv6 và chỉ các máy hỏi tên miền ở {names}",
                f"{server} ({mac_text(mac)}) answers DHCPv6 and has hosts ask {names} for names",
            ),
            source_ip=server,
            source_mac=mac_text(mac),
            first_ns=now_ns,
            last_ns=now_ns,
            targets=[Target(batch.addresses.text(int(batch.destination[at])), CLIENT)],
            counts={"packets": 1, "resolvers": len(resolvers)},
            frames=[int(batch.number[at])],
        )


def resolvers_of(content: bytes) -> frozenset[bytes]:
    """The resolvers that a server's message hands out, as far as it was captured; none if it is no such message."""
    if content[:1] not in {bytes((ADVERTISE,)), bytes((REPLY,))}:
        return frozenset()
    found: set[bytes] = set()
    at = 4
    while at + 4 <= len(content):
        kind, length = int.from_bytes(content[at : at + 2]), int.from_bytes(content[at + 2 : at + 4])
        at += 4
        if kind == RESOLVERS:
            body = content[at : at + length]
            found |= {body[start : start + ADDRESS] for start in range(0, len(body) - ADDRESS + 1, ADDRESS)}
        at += length
    return frozenset(found)
