# SPDX-License-Identifier: Apache-2.0
"""Which device stands behind which, by what they say of each other. Pure, and a proposal: nothing is adopted.

Links are those of LLDP and CDP, whichever end tells of them. A device that no link leads to stands behind the router
that knows its address (ARP). From the root, which is nearest to whoever asks, each stands behind the one by which it
is reached first.
"""

import struct
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any, Final

from giamsat_agent.devices.neighbours import Neighbour

LINKS: Final = frozenset({"lldp", "cdp"})
DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """One device: what it is called here, where it is asked, what it calls itself, and who it says it sees."""

    name: str
    address: str
    own_name: str
    neighbours: Sequence[Neighbour] = field(default=())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device stands. `behind` is empty for the root and for those that nothing leads to.

    `port` is the one of the device before it; `by` how that is known; `hosts` are others that stand behind it: a name
    or address, and the port. `named` are those of them that say their name.
    """

    name: str
    address: str
    behind: str
    port: str
    by: str
    depth: int
    hosts: tuple[tuple[str, str], ...]
    named: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape that tools read."""
        return {
            "name": self.name,
            "address": self.address,
            "behind": self.behind or None,
            "port": self.port or None,
            "by": self.by or None,
            "hosts": [{"name": name, "port": port or None} for name, port in self.hosts],
        }


def places(seen: Sequence[Seen], root: str) -> list[Place]:
    """Every device with its place, each after the one it stands behind; those that nothing leads to come last."""
    by_name = {one.name: one for one in seen}
    links = sorted(_links(seen), key=lambda link: not link.port)
    found: dict[str, tuple[str, str, str, int]] = {}
    for kinds in (LINKS, frozenset({"arp"})):
        begin = [root] if kinds == LINKS else list(found)
        found.setdefault(root, ("", "", "", 0))
        waiting = deque(begin)
        while waiting:
            here = waiting.popleft()
            depth = found[here][3] + 1
            for link in links:
                if link.by in kinds and link.one == here and link.other not in found and depth <= DEPTH:
                    found[link.other] = (here, link.port, link.by, depth)
                    waiting.append(link.other)
    ordered = [*found, *(one.name for one in seen if one.name not in found)]
    return [
        Place(
            name,
            by_name[name].address,
            *found.get(name, ("", "", "", 0)),
            hosts=tuple(_hosts(by_name[name], seen)),
            named=tuple(dict.fromkeys(one.name for one in _others(by_name[name], seen) if one.name)),
        )
        for name in ordered
    ]


def nearest(seen: Sequence[Seen], gateway: str) -> str:
    """The root when nobody names one: this host's gateway if it is among them, else the one that sees most others."""
    at_gateway = [one.name for one in seen if one.address.partition(":")[0] == gateway]
    links = [link.one for link in _links(seen) if link.by in LINKS]
    return at_gateway[0] if at_gateway else max(seen, key=lambda one: (links.count(one.name), len(one.neighbours))).name


def gateway(routes: str) -> str:
    """The default gateway in the text of /proc/net/route; empty without one."""
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":  # noqa: PLR2004 - its third column
            return str(IPv4Address(struct.pack("=I", int(fields[2], 16))))
    return ""


@dataclass(frozen=True, slots=True)
class _Link:
    """From one device through a port of it to another."""

    one: str
    other: str
    port: str
    by: str


def _links(seen: Sequence[Seen]) -> Iterator[_Link]:
    """Each link in both directions, as far as its ends are known."""
    for one in seen:
        for neighbour in one.neighbours:
            other = _known(neighbour, seen)
            if other and other != one.name:
                yield _Link(one.name, other, neighbour.local_port, neighbour.protocol)
                if neighbour.protocol in LINKS:
                    yield _Link(other, one.name, neighbour.port, neighbour.protocol)


def _known(neighbour: Neighbour, seen: Sequence[Seen]) -> str:
    """The device a neighbour is; empty when it is none of them. Of one name there may be many."""
    for one in seen:
        if neighbour.address and neighbour.address == one.address.partition(":")[0]:
            return one.name
    named = [one.name for one in seen if neighbour.name and _short(neighbour.name) == _short(one.own_name)]
    return named[0] if len(named) == 1 else ""


def _short(name: str) -> str:
    return name.partition(".")[0].casefold()


def _hosts(one: Seen, seen: Sequence[Seen]) -> Iterator[tuple[str, str]]:
    """Neighbours that are no devices, each once."""
    told: set[str] = set()
    for neighbour in _others(one, seen):
        name = neighbour.name or neighbour.address or neighbour.mac
        if name and name not in told:
            told.add(name)
            yield name, neighbour.local_port


def _others(one: Seen, seen: Sequence[Seen]) -> Iterator[Neighbour]:
    return (neighbour for neighbour in one.neighbours if not _known(neighbour, seen))
