# SPDX-License-Identifier: Apache-2.0
"""DHCP (RFC 2131): a second server that leads clients elsewhere (ATT&CK T1557.003), and a pool that is emptied (T1499).

Two servers that hand out the same router and the same resolvers are a pair that stands in for each other. A server that
names others than the one known before puts itself between the clients and the rest. A pool is emptied by one discover
after another, each in the name of another client.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.addresses import mac_text
from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, OneOf
from giamsat_agent.packets.detector import SECOND_NS, Table, Told

SERVER, CLIENT = 67, 68
PORTS: Final = OneOf((SERVER, CLIENT))
COOKIE_AT: Final = 236
COOKIE: Final = b"\x63\x82\x53\x63"
CHADDR_AT: Final = 28
MESSAGE_TYPE, SERVER_ID, ROUTER, RESOLVER, END, PAD = 53, 54, 3, 6, 255, 0
HOST_NAME, VENDOR_CLASS = 12, 60
DISCOVER, OFFER, ACKNOWLEDGE = 1, 2, 5
KNOWN_NS: Final = 24 * 3600 * SECOND_NS
CLIENTS: Final = 100
"""Different clients that look for a server within CLIENTS_NS; after a power cut a commune's 50 machines do."""
CLIENTS_NS: Final = 60 * SECOND_NS
LOOKED_AT: Final = 4_096


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


@dataclass(slots=True)
class _Server:
    """The server of a network that was known first, or last seen within a day."""

    mac: int
    leads: tuple[bytes, bytes]
    seen_ns: int


@dataclass(slots=True)
class _Looking:
    """Clients of one network that look for a server, and when each was first seen to."""

    clients: dict[bytes, int] = field(default_factory=dict)


class Dhcp:
    """Servers and clients, by VLAN."""

    def __init__(self) -> None:
        self._servers: Table[int, _Server] = Table(4_096)
        self._looking: Table[int, _Looking] = Table(64)
        self._told: Told[tuple[str, int]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._servers.evicted + self._looking.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        ports = PORTS.at(batch.destination_port[batch.udp]) & PORTS.at(batch.source_port[batch.udp])
        for at in batch.udp[ports][:LOOKED_AT].tolist():
            message = parse(batch.content(at))
            if message is None:
                continue
            if message.kind == DISCOVER:
                yield from self._looks(batch, at, message)
            elif message.kind in {OFFER, ACKNOWLEDGE} and any(message.leads):
                yield from self._serves(batch, at, message)

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
        vlan, now_ns = int(batch.vlan[at]), int(batch.time_ns[at])
        looking = self._looking.get(vlan) or self._looking.put(vlan, _Looking())
        looking.clients.setdefault(message.client, now_ns)
        while looking.clients:
            oldest = next(iter(looking.clients))
            if now_ns - looking.clients[oldest] <= CLIENTS_NS and len(looking.clients) <= LOOKED_AT:
                break
            del looking.clients[oldest]
        count = len(looking.clients)
        if count >= CLIENTS and self._told.due(("dhcp_starvation", vlan), now_ns, count):
            mac = mac_text(int(batch.source_mac[at]))
            yield Anomaly(
                name="dhcp_starvation",
                severity=Severity.HIGH,
                words=(
                    f"{count} máy khác nhau xin địa chỉ DHCP trong một phút: kho địa chỉ đang bị vét cạn",
                    f"{count} different clients asked for a DHCP address within a minute: the pool is being emptied",
                ),
                source_ip=batch.addresses.text(int(batch.source[at])),
                source_mac=mac,
                first_ns=min(looking.clients.values()),
                last_ns=now_ns,
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
    )


def _addresses(octets: bytes) -> list[str]:
    return [".".join(map(str, octets[at : at + 4])) for at in range(0, len(octets) - 3, 4)][:4]
