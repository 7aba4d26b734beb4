# SPDX-License-Identifier: Apache-2.0
"""DHCP (RFC 2131): a second server that leads clients elsewhere (ATT&CK T1557.003), and a pool that is emptied (T1499).

Two servers that hand out the same router and the same resolvers are a pair that stands in for each other. A server that
names others than the one known before puts itself between the clients and the rest. A pool is emptied by one discover
after another, each in the name of another client; a host asks in its own name, and only relays ask in others'. Whoever
is given an address makes sure that nobody has it, goes on to use it, and says so by ARP (RFC 5227): of made-up clients
that is not heard. Where no server is heard to offer anything, those that ask again and again wait for one that is down.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_wire.clock import SECOND_NS

SERVER, CLIENT = 67, 68
PORTS: Final = OneOf((SERVER, CLIENT))
COOKIE_AT: Final = 236
COOKIE: Final = b"\x63\x82\x53\x63"
YIADDR_AT, RELAY_AT, CHADDR_AT = 16, 24, 28
MESSAGE_TYPE, SERVER_ID, ROUTER, RESOLVER, END, PAD = 53, 54, 3, 6, 255, 0
HOST_NAME, VENDOR_CLASS = 12, 60
DISCOVER, OFFER, ACKNOWLEDGE = 1, 2, 5
KNOWN_NS: Final = 24 * 3600 * SECOND_NS
CLIENTS: Final = 100
"""Different clients that look for a server within CLIENTS_NS, and are not heard to use what they were given."""
CLIENTS_NS: Final = 60 * SECOND_NS
USES_NS: Final = 10 * SECOND_NS
"""So long a client looks whether somebody has its address before it uses it (RFC 5227, section 1.1), at most."""
AGAIN_NS: Final = 3 * SECOND_NS
"""So soon a client asks for a second time at the earliest (RFC 2131, section 4.1)."""
WAIT_NS: Final = 900 * SECOND_NS
"""Clients that nobody answers rest for five minutes before they ask again."""
OTHERS, OTHERS_NS = 30, 300 * SECOND_NS
"""Clients that one host asks for beside itself; what repeats a wireless network has a few behind it."""
LOOKED_AT: Final = 4_096
GIVEN: Final = 8_192


@dataclass(frozen=True, slots=True)
class Message:
    """One message of DHCP, as far as it was captured."""

    kind: int
    client: bytes
    server: bytes
    leads: tuple[bytes, bytes]
    """Router and resolvers, as they stand in the options."""
    host_name: bytes = b""
    vendor_class: bytes = b""
    relay: bytes = bytes(4)
    given: bytes = bytes(4)
    """The client's address, in an offer or an acknowledgement."""


@dataclass(slots=True)
class _Server:
    """The server of a network that was known first, or last seen within a day."""

    mac: int
    leads: tuple[bytes, bytes]
    seen_ns: int


@dataclass(slots=True)
class _Looking:
    """Clients that look for a server, within a span of time, and when each was first seen to.

    Some are seen to wait, some were given an address.
    """

    span_ns: int
    clients: dict[bytes, int] = field(default_factory=dict)
    waiting: dict[bytes, int] = field(default_factory=dict)
    given: dict[bytes, int] = field(default_factory=dict)

    def add(self, client: bytes, now_ns: int) -> int:
        """One more; how many there are."""
        self.clients.setdefault(client, now_ns)
        while self.clients:
            oldest = next(iter(self.clients))
            if now_ns - self.clients[oldest] <= self.span_ns and len(self.clients) <= LOOKED_AT:
                break
            del self.clients[oldest]
        if client in self.waiting or now_ns - self.clients.get(client, now_ns) >= AGAIN_NS:
            self.waiting.pop(client, None)
            self.waiting[client] = now_ns
            if len(self.waiting) > LOOKED_AT:
                del self.waiting[next(iter(self.waiting))]
        return len(self.clients)

    def give(self, client: bytes, now_ns: int) -> None:
        """A client of these is given an address."""
        if client in self.clients:
            self.given[client] = now_ns
            if len(self.given) > LOOKED_AT:
                del self.given[next(iter(self.given))]

    def settle(self, now_ns: int) -> int:
        """How many of them were given one so lately that they cannot use it yet."""
        return sum(now_ns - self.given.get(client, now_ns - USES_NS) < USES_NS for client in self.clients)

    def wait(self, now_ns: int) -> int:
        """How many of them asked for a second time lately."""
        return sum(now_ns - self.waiting.get(client, now_ns - WAIT_NS) < WAIT_NS for client in self.clients)


class Dhcp:
    """Servers by VLAN; clients by VLAN and relay, and by the host that asks in their name."""

    def __init__(self) -> None:
        self.room = Room()
        self._servers: Table[int, _Server] = self.room.table(4_096)
        self._looking: Table[tuple[int, bytes], _Looking] = self.room.table(64)
        self._others: Table[int, _Looking] = self.room.table(64)
        self._offered_ns: Table[int, int] = self.room.table(4_096)
        self._given: Table[tuple[int, int], int] = self.room.table(GIVEN)
        self._told: Told[tuple[str, int | tuple[int, bytes]]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        arp = batch.arp
        columns = (arp.at[:LOOKED_AT].tolist(), arp.sender_mac.tolist(), arp.sender_ip.tolist())
        heard = iter(zip(*columns, strict=False))
        said = next(heard, None)
        ports = PORTS.at(batch.destination_port[batch.udp]) & PORTS.at(batch.source_port[batch.udp])
        for at in batch.udp[ports][:LOOKED_AT].tolist():
            while said is not None and said[0] < at:
                self._hear(batch, *said)
                said = next(heard, None)
            message = parse(batch.content(at))
            if message is None:
                continue
            if message.kind == ACKNOWLEDGE and any(message.given):
                client = (int(batch.vlan[at]), int.from_bytes(message.client))
                self._given.put(client, int.from_bytes(message.given))
                looking = self._looking.get((client[0], bytes(4)))
                if looking is not None:
                    looking.give(message.client, int(batch.time_ns[at]))
            if message.kind == OFFER:
                self._offered_ns.put(int(batch.vlan[at]), int(batch.time_ns[at]))
            if message.kind == DISCOVER:
                yield from self._looks(batch, at, message)
            elif message.kind in {OFFER, ACKNOWLEDGE} and any(message.leads):
                yield from self._serves(batch, at, message)
        while said is not None:
            self._hear(batch, *said)
            said = next(heard, None)

    def _hear(self, batch: Batch, at: int, mac: int, address: int) -> None:
        """A host that speaks under the address it was given is none that was made up."""
        vlan = int(batch.vlan[at])
        if address and self._given.get((vlan, mac)) == address:
            looking = self._looking.get((vlan, bytes(4)))
            if looking is not None:
                looking.clients.pop(mac.to_bytes(6), None)

    def _serves(self, batch: Batch, at: int, message: Message) -> Iterator[Anomaly]:
        vlan, mac, now_ns = int(batch.vlan[at]), int(batch.source_mac[at]), int(batch.time_ns[at])
        known = self._servers.get(vlan)
        if known is None or now_ns - known.seen_ns > KNOWN_NS or known.mac == mac or known.leads == message.leads:
            self._servers.put(vlan, _Server(mac if known is None else known.mac, message.leads, now_ns))
            return
        if self._told.due(("dhcp_rogue", mac), now_ns, 1):
            server = batch.addresses.text(int(batch.source[at]))
            leads_to = ", ".join(_addresses(message.leads[0]) + _addresses(message.leads[1]))
            yield Anomaly(
                name="dhcp_rogue",
                severity=Severity.HIGH,
                words=(
                    f"{server} ({mac_text(mac)}) cấp địa chỉ và chỉ tới {leads_to}, khác máy chủ DHCP đã biết",
                    f"{server} ({mac_text(mac)}) hands out {leads_to}, not what the known DHCP server does",
                ),
                source_ip=server,
                source_mac=mac_text(mac),
                first_ns=now_ns,
                last_ns=now_ns,
                targets=[Target(batch.addresses.text(int(batch.destination[at])), CLIENT)],
                counts={"packets": 1},
                frames=[int(batch.number[at])],
            )

    def _looks(self, batch: Batch, at: int, message: Message) -> Iterator[Anomaly]:
        mac, now_ns = int(batch.source_mac[at]), int(batch.time_ns[at])
        if mac and not any(message.relay) and message.client != mac.to_bytes(6):
            others = self._others.get(mac) or self._others.put(mac, _Looking(OTHERS_NS))
            count = others.add(message.client, now_ns)
            if count >= OTHERS and self._told.due(("dhcp_starvation", mac), now_ns, count):
                yield _starvation(batch, at, others, mac_text(mac))
            return
        network = (int(batch.vlan[at]), message.relay)
        looking = self._looking.get(network) or self._looking.put(network, _Looking(CLIENTS_NS))
        count = looking.add(message.client, now_ns)
        offered_ns = self._offered_ns.get(network[0])
        if count >= CLIENTS and (offered_ns is None or now_ns - offered_ns > CLIENTS_NS):
            count -= looking.wait(now_ns)
        if count >= CLIENTS:
            count -= looking.settle(now_ns)
        if count >= CLIENTS and self._told.due(("dhcp_starvation", network), now_ns, count):
            # Each asks by an address of its own: whoever is behind it is none of them.
            yield _starvation(batch, at, looking, "")


def _starvation(batch: Batch, at: int, looking: _Looking, mac: str) -> Anomaly:
    count = len(looking.clients)
    return Anomaly(
        name="dhcp_starvation",
        severity=Severity.HIGH,
        words=(
            f"{count} máy khác nhau xin địa chỉ DHCP trong ít phút: kho địa chỉ đang bị vét cạn",
            f"{count} different clients asked for a DHCP address within minutes: the pool is being emptied",
        ),
        source_ip=batch.addresses.text(int(batch.source[at])),
        source_mac=mac,
        first_ns=min(looking.clients.values()),
        last_ns=int(batch.time_ns[at]),
        counts={"packets": count, "clients": count},
        frames=[int(batch.number[at])],
    )


def parse(content: bytes) -> Message | None:
    """A message, from what was captured of it; None when it is none."""
    if content[COOKIE_AT : COOKIE_AT + 4] != COOKIE:
        return None
    options: dict[int, bytes] = {}
    at = COOKIE_AT + 4
    while at + 1 < len(content) and content[at] != END:
        if content[at] == PAD:
            at += 1
            continue
        length = content[at + 1]
        options.setdefault(content[at], content[at + 2 : at + 2 + length])
        at += 2 + length
    kind = options.get(MESSAGE_TYPE, b"")
    if len(kind) != 1:
        return None
    leads = (options.get(ROUTER, b""), options.get(RESOLVER, b""))
    return Message(
        kind[0],
        content[CHADDR_AT : CHADDR_AT + 6],
        options.get(SERVER_ID, b""),
        leads,
        host_name=options.get(HOST_NAME, b""),
        vendor_class=options.get(VENDOR_CLASS, b""),
        relay=content[RELAY_AT : RELAY_AT + 4],
        given=content[YIADDR_AT : YIADDR_AT + 4],
    )


def _addresses(octets: bytes) -> list[str]:
    return [".".join(map(str, octets[at : at + 4])) for at in range(0, len(octets) - 3, 4)][:4]
