# SPDX-License-Identifier: Apache-2.0
"""Who a device says stands next to it: LLDP-MIB (IEEE 802.1AB), CISCO-CDP-MIB, and its ARP table (RFC 4293).

What a device says of others is a hint, not a fact: it is shown and proposed, and nothing is asked because of it.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, Protocol

from giamsat_agent.devices.reading import Rows, Value, address, text

LLDP: Final = ".1.0.8802.1.1.2.1.4.1.1"
LLDP_ADDRESS: Final = ".1.0.8802.1.1.2.1.4.2.1.3"
CDP: Final = ".1.3.6.1.4.1.9.9.23.1.2.1.1"
ARP: Final = ".1.3.6.1.2.1.4.22.1.2"
IF_NAME: Final = ".1.3.6.1.2.1.31.1.1.1.1"
IPV4: Final = 4
"""Bytes of an address, and of LLDP's kind of address the number for 4 bytes."""
ROWS: Final = 2_000
"""Neighbours of one device that are kept."""


class Walked(Protocol):
    """A device that answers."""

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer."""
        ...


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One that was seen: by which protocol, behind which port. What was not said is empty."""

    protocol: str
    local_port: str
    name: str = ""
    address: str = ""
    port: str = ""
    description: str = ""
    mac: str = ""


def read(device: Walked) -> Iterator[Neighbour]:
    """Everybody a device says it sees.

    Raises:
        SilentError, RefusedError: it stopped answering.
    """
    ports = _column(device, IF_NAME)
    yield from _lldp(device, ports)
    yield from _cdp(device, ports)
    for index, mac in _column(device, ARP).items():
        port, _, host = index.partition(".")
        if _ipv4(host):
            yield Neighbour("arp", text(ports.get(port)) or port, address=host, mac=address(mac))


def _lldp(device: Walked, ports: Mapping[str, Value]) -> Iterator[Neighbour]:
    names = _column(device, f"{LLDP}.9")
    if not names:
        return
    chassis, described = _column(device, f"{LLDP}.5"), _column(device, f"{LLDP}.10")
    far, far_described = _column(device, f"{LLDP}.7"), _column(device, f"{LLDP}.8")
    hosts = {}
    for index in _column(device, LLDP_ADDRESS):
        row, kind, host = _split_lldp(index)
        if kind == "1" and _ipv4(host):
            hosts[row] = host
    for index, name in names.items():
        local = index.split(".")[1] if index.count(".") == 2 else index  # noqa: PLR2004 - time mark, port, row
        yield Neighbour(
            "lldp",
            text(ports.get(local)) or local,
            name=text(name),
            address=hosts.get(index, ""),
            port=text(far_described.get(index)) or text(far.get(index)),
            description=text(described.get(index)),
            mac=_mac(chassis.get(index)),
        )


def _cdp(device: Walked, ports: Mapping[str, Value]) -> Iterator[Neighbour]:
    names = _column(device, f"{CDP}.6")
    if not names:
        return
    hosts, far, platforms = _column(device, f"{CDP}.4"), _column(device, f"{CDP}.7"), _column(device, f"{CDP}.8")
    for index, name in names.items():
        local, host = index.partition(".")[0], hosts.get(index)
        yield Neighbour(
            "cdp",
            text(ports.get(local)) or local,
            name=text(name),
            address=".".join(map(str, host)) if isinstance(host, bytes) and len(host) == IPV4 else "",
            port=text(far.get(index)),
            description=text(platforms.get(index)),
        )


def _column(device: Walked, oid: str) -> dict[str, Value]:
    return dict(islice(chain.from_iterable(device.walk(oid)), ROWS))


def _split_lldp(index: str) -> tuple[str, str, str]:
    """The row, the kind of address and the address, of time.port.row.kind.length.bytes (lldpRemManAddrEntry)."""
    arcs = index.split(".")
    return ".".join(arcs[:3]), arcs[3] if len(arcs) > 3 else "", ".".join(arcs[5:])  # noqa: PLR2004 - so here


def _mac(value: Value) -> str:
    return address(value) if isinstance(value, bytes) and len(value) == 6 else ""  # noqa: PLR2004 - of a MAC address


def _ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
