# SPDX-License-Identifier: Apache-2.0
"""Hosts that were seen, by unit, and what is known of each: an agent runs there, it is polled, or registered.

Who is none of these is a host nobody watches: shown, counted and proposed, never adopted.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.event_time import instant
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.sightings.sighting import Sighting
from giamsat_collector.sightings.vendor import Vendors
from giamsat_rules.rule import Texts

PROPOSAL: Final = ("id", "name", "kind", "unit", "systems")
"""The columns of a file of assets."""
FORMULA: Final = "=+-@ "
"""What a cell begins with that a spreadsheet computes; blanks before it count for nothing."""


class State(StrEnum):
    """What is known of a host, worst first."""

    UNKNOWN = "unknown"
    REGISTERED = "registered"
    DEVICE = "device"
    AGENT = "agent"


@dataclass(slots=True)
class Host:
    """An Ethernet address in a unit. `bearer` is the asset or device it is known as, `seen_by` who saw it and where."""

    unit: str
    mac: str
    vendor: str
    state: State
    bearer: str
    first_ns: int
    last_ns: int
    addresses: list[str] = field(default_factory=list)
    name: str = ""
    vendor_class: str = ""
    services: list[str] = field(default_factory=list)
    seen_by: list[tuple[str, str]] = field(default_factory=list)

    def join(self, one: Sighting) -> None:
        """What another sensor saw of the same host."""
        self.first_ns, self.last_ns = min(self.first_ns, one.first_ns), max(self.last_ns, one.last_ns)
        self.addresses += [each for each in one.addresses if each not in self.addresses]
        self.services += [each for each in one.services if each not in self.services]
        self.name, self.vendor_class = self.name or one.name, self.vendor_class or one.vendor_class
        self.seen_by.append((one.asset, one.segment))

    def as_json(self, unit_name: str) -> dict[str, Any]:
        """The shape that tools read."""
        return {
            "mac": self.mac,
            "vendor": self.vendor or None,
            "addresses": self.addresses,
            "name": self.name or None,
            "vendor_class": self.vendor_class or None,
            "services": self.services,
            "unit": self.unit or None,
            "unit_name": unit_name or None,
            "state": self.state.value,
            "known_as": self.bearer or None,
            "seen_by": [{"asset": asset, "segment": segment} for asset, segment in self.seen_by],
            "first": instant(self.first_ns),
            "last": instant(self.last_ns),
        }


@dataclass(frozen=True, slots=True)
class Known:
    """Who is known: the registry, the agents, and the Ethernet addresses of agents and of the devices they poll."""

    registry: Registry
    allow_list: AllowList
    vendors: Vendors
    watched: Mapping[str, tuple[str, str]]

    def hosts(self, seen: Iterable[Sighting]) -> tuple[Host, ...]:
        """The hosts that were seen: those nobody watches first, then by unit, the newest first."""
        found: dict[tuple[str, str], Host] = {}
        for one in sorted(seen, key=lambda one: one.last_ns, reverse=True):
            unit = self.registry.unit(one.asset) or ""
            host = found.get((unit, one.mac))
            if host is None:
                state, bearer = self._state(one.mac)
                vendor = self.vendors.of(one.mac)
                host = found[unit, one.mac] = Host(unit, one.mac, vendor, state, bearer, one.first_ns, one.last_ns)
            host.join(one)
        rank = list(State)
        return tuple(sorted(found.values(), key=lambda host: (rank.index(host.state), host.unit, -host.first_ns)))

    def _state(self, mac: str) -> tuple[State, str]:
        asset, device = self.watched.get(mac, ("", ""))
        agent = self.allow_list.find(asset)
        if agent is not None and agent.revoked_ns is None:
            return (State.DEVICE, device) if device else (State.AGENT, asset)
        registered = asset_id(mac)
        return (State.REGISTERED, registered) if self.registry.unit(registered) else (State.UNKNOWN, "")


def unwatched(hosts: Iterable[Host]) -> Mapping[str, int]:
    """How many hosts nobody watches, by unit."""
    return Counter(host.unit for host in hosts if host.state is State.UNKNOWN)


def step(unit: str, count: int) -> Texts:
    """What a unit does about hosts that nobody watches."""
    command = f"giamsat-collector registry sightings --unit {unit}"
    return Texts(
        f"{count} máy trong mạng chưa có agent: cài agent cho máy chủ, máy in và điện thoại thì ghi vào sổ; {command}",
        f"{count} hosts on the network have no agent: install it on servers, register other devices; {command}",
    )


def asset_id(mac: str) -> str:
    """Under which id a host may be registered by its Ethernet address."""
    return mac.replace(":", "-")


def proposal(hosts: Iterable[Host]) -> str:
    """A file of assets for `registry import --assets`: a person says which of them to keep, and as what.

    Hosts say their names themselves, and a person opens the file in a spreadsheet: no cell begins as a formula does.
    """
    sheet = io.StringIO()
    table = csv.writer(sheet, lineterminator="\n")
    table.writerow(PROPOSAL)
    for host in hosts:
        if host.state is State.UNKNOWN:
            name = host.name.lstrip(FORMULA) or next(iter(host.addresses), host.mac)
            table.writerow([asset_id(host.mac), name, "host", host.unit, ""])
    return sheet.getvalue()


def fitting(hosts: Iterable[Host], units: Iterable[str], state: str, text: str) -> Iterator[Host]:
    """The hosts of some units (none named: of any), in a state, in which all words of a text are found."""
    wanted, words = set(units), text.casefold().split()
    for host in hosts:
        said = " ".join(
            [host.mac, asset_id(host.mac), host.vendor, host.name, *host.addresses, *host.services]
        ).casefold()
        if (not wanted or host.unit in wanted) and (not state or host.state == state) and all(w in said for w in words):
            yield host
