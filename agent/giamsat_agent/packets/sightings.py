# SPDX-License-Identifier: Apache-2.0
"""Which hosts are on the networks of an interface: who spoke there, under which addresses and name, and what it serves.

Only what a host does itself counts. An address is its own when it asks or answers under it by ARP (RFC 826) or
neighbour discovery (RFC 4861), so whom a router forwards for is no host of this network. A service is its own when it
accepts a connection (SYN and ACK) under such an address. Nothing is asked, and what the host runs is not guessed: it is
told only where the host says so itself (DHCP option 60).

What is news is told once it has settled, and every host that is still there once a day, all within a share.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import RST, Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Table, first_of_each
from giamsat_agent.packets.detectors.dhcp import CLIENT, SERVER, parse
from giamsat_agent.packets.detectors.name_poisoning import MDNS, NETBIOS, multicast_names, registered_name
from giamsat_agent.packets.machines import is_virtual
from giamsat_agent.packets.telling.report import Sighted
from giamsat_agent.token_bucket import Share
from giamsat_wire.clock import SECOND_NS

HOSTS: Final = 2_048
"""Hosts of one interface; a segment has some hundred."""
ADDRESSES: Final = 8
SERVICES: Final = 32
NAME: Final = 63
LOOKED_AT: Final = 512
SETTLE_NS: Final = 5 * SECOND_NS
"""So long more may become known before news is told: a host that arrives asks, names itself and serves at once."""
DAY_NS: Final = 86_400 * SECOND_NS
LOOK_NS: Final = 600 * SECOND_NS
"""How often hosts are looked through for those to be told of again."""
BURST: Final = 256
PER_MINUTE: Final = 4
"""Sightings told: a whole /24 at first, then at most some hundred kilobytes a day, whatever is made up on the wire."""
GROUP: Final = 1 << 40
"""The bit of an Ethernet address that says it is that of many (IEEE 802)."""
GROUPS: Final = range(0xE0000000, 1 << 32)
"""224.0.0.0 and above: no host's own."""
SPOKEN: Final = OneOf((MDNS, NETBIOS))
NEIGHBOURS: Final = OneOf((135, 136))
"""Neighbour solicitation and advertisement."""


@dataclass(slots=True)
class _Host:
    first_ns: int
    last_ns: int
    addresses: dict[int, str] = field(default_factory=dict)
    name: str = ""
    vendor_class: str = ""
    services: set[int] = field(default_factory=set)
    told_ns: int = 0


_Key = tuple[int, int]
"""VLAN and Ethernet address."""


class Sightings:
    """The hosts of one interface."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._hosts: Table[_Key, _Host] = Table(HOSTS)
        self._news: OrderedDict[_Key, int] = OrderedDict()
        self._share = Share(BURST, PER_MINUTE / 60)
        self._looked_ns = 0

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._hosts.evicted

    def take(self, batch: Batch) -> None:
        """Look at the next frames."""
        self._asking(batch)
        self._neighbours(batch)
        self._naming(batch)
        self._serving(batch)

    def due(self, now_ns: int) -> Iterator[Sighted]:
        """What is to be told by now."""
        # What is later than now is from before the clock was set back: nothing waits until it is that late again.
        if not 0 <= now_ns - self._looked_ns < LOOK_NS:
            self._looked_ns = now_ns
            for key, host in self._hosts.items():
                host.last_ns, host.told_ns = min(host.last_ns, now_ns), min(host.told_ns, now_ns)
                if host.told_ns and now_ns - host.told_ns >= DAY_NS and host.last_ns > host.told_ns:
                    self._news.setdefault(key, now_ns - SETTLE_NS)
        while self._news:
            key, since_ns = next(iter(self._news.items()))
            known = self._hosts.get(key)
            if known is not None and (0 <= now_ns - since_ns < SETTLE_NS or not self._share.takes(1, now_ns)):
                return
            del self._news[key]
            if known is not None:
                yield self._sighted(key, known)
                known.told_ns = now_ns

    def _asking(self, batch: Batch) -> None:
        arp = batch.arp
        if not len(arp.at):
            return
        for row in first_of_each(arp.sender_mac, arp.sender_ip, batch.vlan[arp.at])[:LOOKED_AT].tolist():
            at, owner = int(arp.at[row]), int(arp.sender_ip[row])
            # Who speaks in another's name says nothing of himself.
            if owner and int(arp.sender_mac[row]) == int(batch.source_mac[at]):
                self._bears(batch, at, owner)

    def _neighbours(self, batch: Batch) -> None:
        if not len(batch.icmp6):
            return
        kinds = batch.icmp6[NEIGHBOURS.at(batch.source_port[batch.icmp6])]
        for row in first_of_each(batch.source_mac[kinds], batch.source[kinds], batch.vlan[kinds])[:LOOKED_AT].tolist():
            at = int(kinds[row])
            if batch.addresses.text(int(batch.source[at])) != "::":
                self._bears(batch, at, int(batch.source[at]))

    def _naming(self, batch: Batch) -> None:
        asks = (batch.source_port[batch.udp] == CLIENT) & (batch.destination_port[batch.udp] == SERVER)
        for at in batch.udp[asks][:LOOKED_AT].tolist():
            message = parse(batch.content(at))
            host = self._host(batch, at)
            # Behind a relay it is another's message.
            if host is None or message is None or int.from_bytes(message.client) != int(batch.source_mac[at]):
                continue
            name, vendor_class = _text(message.host_name), _text(message.vendor_class)
            if (name and name.lower() != host.name) or (vendor_class and vendor_class != host.vendor_class):
                host.name, host.vendor_class = name.lower() or host.name, vendor_class or host.vendor_class
                self._tell(batch, at)
        for at in batch.udp[SPOKEN.at(batch.source_port[batch.udp])][:LOOKED_AT].tolist():
            self._spoken(batch, at)

    def _spoken(self, batch: Batch, at: int) -> None:
        host = self._hosts.get(_key(batch, at))
        if host is None:
            return
        content = batch.content(at)
        if int(batch.source_port[at]) == NETBIOS:
            name = registered_name(content)
        else:
            borne = set(host.addresses.values())
            name = next((label for label, packed in multicast_names(content) if _packed(packed) in borne), "")
        # What DHCP was told stays: it is the host's own word for itself, without a suffix after a clash.
        if (name := _text(name.encode("latin-1", "replace"))) and not host.name:
            host.name = name
            self._tell(batch, at)

    def _serving(self, batch: Batch) -> None:
        if not len(self._hosts):
            return
        rows = batch.accepts[(batch.flags[batch.accepts] & RST) == 0]
        ends = (batch.source_mac, batch.source, batch.source_port)
        first = rows[first_of_each(*(column[rows] for column in ends))][:LOOKED_AT]
        for at, vlan, mac, address, port, now_ns in batch.rows(first, batch.vlan, *ends, batch.time_ns):
            host = self._hosts.get((vlan, mac))
            if host is None or address not in host.addresses:
                continue
            host.last_ns = max(host.last_ns, now_ns)
            if port not in host.services and len(host.services) < SERVICES:
                host.services.add(port)
                self._tell(batch, at)

    def _bears(self, batch: Batch, at: int, address: int) -> None:
        """A host speaks under an address."""
        host = self._host(batch, at)
        if host is None or address in GROUPS:
            return
        known = host.addresses.pop(address, None)
        host.addresses[address] = known or batch.addresses.text(address)
        if len(host.addresses) > ADDRESSES:
            del host.addresses[next(iter(host.addresses))]
        if known is None:
            self._tell(batch, at)

    def _host(self, batch: Batch, at: int) -> _Host | None:
        """The host that sent a frame, which may be new; None when it is no single host's address."""
        mac, now_ns = int(batch.source_mac[at]), int(batch.time_ns[at])
        if not mac or mac & GROUP or is_virtual(mac):
            return None
        key = _key(batch, at)
        host = self._hosts.get(key) or self._hosts.put(key, _Host(now_ns, now_ns))
        host.first_ns, host.last_ns = min(host.first_ns, now_ns), max(host.last_ns, now_ns)
        return host

    def _sighted(self, key: _Key, host: _Host) -> Sighted:
        return Sighted(
            interface=self._interface,
            mac=mac_text(key[1]),
            vlan=key[0],
            addresses=tuple(host.addresses.values()),
            name=host.name,
            vendor_class=host.vendor_class,
            services=tuple(f"tcp/{port}" for port in sorted(host.services)),
            first_ns=host.first_ns,
            last_ns=host.last_ns,
            fresh=not host.told_ns,
        )

    def _tell(self, batch: Batch, at: int) -> None:
        self._news.setdefault(_key(batch, at), int(batch.time_ns[at]))
        if len(self._news) > HOSTS:
            self._news.popitem(last=False)


def _key(batch: Batch, at: int) -> _Key:
    return int(batch.vlan[at]), int(batch.source_mac[at])


def _packed(address: bytes) -> str:
    return str(ipaddress.ip_address(address)) if len(address) in {4, 16} else ""


def _text(octets: bytes) -> str:
    """What a host says of itself, as far as it is plain text: a name or a class is nothing else."""
    return "".join(chr(octet) for octet in octets[:NAME] if 32 <= octet < 127).strip()  # noqa: PLR2004 - ASCII
