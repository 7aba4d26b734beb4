# SPDX-License-Identifier: Apache-2.0
"""Behind which port of which switch each host stands: the switches' forwarding tables, and the routers' ARP tables."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final

from giamsat_agent.config import Device as Settings
from giamsat_agent.devices import stations, vlans
from giamsat_agent.devices.errors import RefusedError
from giamsat_agent.devices.neighbours import ARP, IF_NAME
from giamsat_agent.devices.poll import Asked
from giamsat_agent.devices.reading import Value, address, text
from giamsat_agent.devices.session import opened
from giamsat_agent.devices.stations import Shown

IF_DESCR: Final = ".1.3.6.1.2.1.2.2.1.2"
ROWS: Final = 4_096
MAC_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """What one device shows: hosts by port, and addresses by MAC (`hosts`)."""

    name: str
    shown: Shown
    hosts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """One host at one port. `beside` is how many hosts are seen there: the port with fewest is the one it stands at."""

    mac: str
    address: str
    device: str
    port: str
    beside: int

    def as_json(self) -> dict[str, Any]:
        """The shape that tools read."""
        return {
            "mac": self.mac,
            "address": self.address or None,
            "device": self.device,
            "port": self.port,
            "beside": self.beside,
        }


def seen(its: Settings) -> Seen:
    """A device with those it sees; one that is no switch has nobody behind its ports.

    Raises:
        DeviceError: it does not answer, or its credential cannot be read.
    """
    device = opened(its)
    ports = {index: text(name) for oid in (IF_DESCR, IF_NAME) for index, name in _column(device, oid).items() if name}
    hosts = {address(mac): index.partition(".")[2] for index, mac in _column(device, ARP).items()}
    try:
        shown = stations.read(device, ports, vlans.of(its))
    except RefusedError:
        shown = Shown({}, {})
    return Seen(its.name, shown, hosts)


def places(every: Sequence[Seen], who: str = "") -> list[Place]:
    """Every host, or the one that is named by its MAC or IP address; each at the port nearest to it first."""
    hosts = {mac: host for one in every for mac, host in one.hosts.items()}
    wanted = mac_of(who)
    found = [
        Place(mac, hosts.get(mac, ""), one.name, port, crowd[port])
        for one in every
        for crowd in [Counter(one.shown.ports.values())]
        for mac, port in one.shown.ports.items()
        if not who or mac == wanted or hosts.get(mac) == who
    ]
    return sorted(found, key=lambda place: (place.mac, place.beside, place.device))


def mac_of(words: str) -> str:
    """A MAC address as it is written here, with whatever marks it came; empty when it is none."""
    digits = "".join(letter for letter in words if letter not in ":-. ").upper()
    if len(digits) != MAC_DIGITS or not set(digits) <= set("0123456789ABCDEF"):
        return ""
    return ":".join(digits[place : place + 2] for place in range(0, MAC_DIGITS, 2))


def _column(device: Asked, oid: str) -> dict[str, Value]:
    return dict(islice(chain.from_iterable(device.walk(oid)), ROWS))
