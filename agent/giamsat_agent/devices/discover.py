# SPDX-License-Identifier: Apache-2.0
"""Finds devices in a range of addresses, at a polite rate; what is found is proposed, never adopted.

An address is pinged and asked by SNMP what it is. One that answers is asked who stands next to it.
"""

import csv
import io
import ipaddress
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from giamsat_agent.devices import neighbours, ping, profile
from giamsat_agent.devices.credential import Credential
from giamsat_agent.devices.errors import DeviceError, RangeError
from giamsat_agent.devices.gufo_client import Device
from giamsat_agent.devices.neighbours import Neighbour
from giamsat_agent.devices.reading import SYSTEM, text

ADDRESSES: Final = 4_096
"""Addresses of one range: a /20. At the usual rate that is three and a half minutes."""
THREADS: Final = 16
ASSETS: Final = ("id", "name", "kind", "unit", "systems")
"""The columns of the collector's file of assets."""


@dataclass(frozen=True, slots=True)
class Found:
    """One address that answers. `ping` is None when this process may not ask; `problem` says why SNMP brought less."""

    address: str
    ping: bool | None
    snmp: bool
    name: str = ""
    os: str = ""
    vendor: str = ""
    object_id: str = ""
    description: str = ""
    problem: str = ""
    neighbours: Sequence[Neighbour] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The shape that tools read."""
        return {
            "address": self.address,
            "ping": self.ping,
            "snmp": self.snmp,
            "sysName": self.name or None,
            "os": self.os or None,
            "vendor": self.vendor or None,
            "sysObjectID": self.object_id or None,
            "sysDescr": self.description or None,
            "problem": self.problem or None,
            "neighbours": [
                {name: getattr(one, name) or None for name in Neighbour.__slots__} for one in self.neighbours
            ],
        }


def addresses(said: str) -> list[str]:
    """The addresses of A.B.C.D, A.B.C.D/NN or A.B.C.D-E.F.G.H, without those of the network and of broadcast.

    Raises:
        RangeError: it is none of these, or has more than ADDRESSES.
    """
    first, dash, last = said.partition("-")
    try:
        if dash:
            low, high = int(ipaddress.IPv4Address(first.strip())), int(ipaddress.IPv4Address(last.strip()))
            count = high - low + 1
        else:
            network = ipaddress.IPv4Network(said.strip(), strict=False)
            low, count = int(network.network_address), network.num_addresses
    except ValueError as error:
        raise RangeError(
            f"{said}: {error}; hãy ghi / write 192.0.2.0/24, 192.0.2.1-192.0.2.40 hoặc một địa chỉ / or one address"
        ) from error
    if not 0 < count <= ADDRESSES:
        raise RangeError(
            f"{said}: {count} địa chỉ, mỗi dải từ 1 đến {ADDRESSES}, xin chia nhỏ / "
            f"{count} addresses; a range has 1 to {ADDRESSES}, split it"
        )
    if not dash and count > 2:  # noqa: PLR2004 - RFC 3021: a /31 has no broadcast
        low, count = low + 1, count - 2
    return [str(ipaddress.IPv4Address(low + step)) for step in range(count)]


def discover(
    wanted: Sequence[str],
    credential: Credential,
    *,
    port: int,
    timeout_s: float,
    per_second: float,
    looked: Callable[[int], None],
) -> Iterator[Found]:
    """Ask every address, beginning no more than `per_second` a second; those that answer, in their order.

    `looked` is told how many were asked.
    """
    with ThreadPoolExecutor(THREADS, "discover") as threads:
        asked: list[Future[Found | None]] = []
        for host in wanted:
            asked.append(threads.submit(ask, host, credential, port=port, timeout_s=timeout_s))
            time.sleep(1 / per_second)
        for count, one in enumerate(asked, 1):
            found = one.result()
            looked(count)
            if found is not None:
                yield found


def ask(host: str, credential: Credential, *, port: int, timeout_s: float) -> Found | None:
    """One address; None when nothing answers there."""
    alive = ping.answers(host, timeout_s=timeout_s)
    try:
        device = Device(host, port, credential, timeout_s=timeout_s)
        system = device.get(SYSTEM.values())
    except DeviceError as error:
        return Found(host, alive, snmp=False, problem=str(error)) if alive else None
    said = text(system.get(SYSTEM["sysObjectID"]))
    object_id, description = f".{said.lstrip('.')}" if said else "", text(system.get(SYSTEM["sysDescr"]))
    known = profile.choose(object_id, description)
    seen: list[Neighbour] = []
    problem = ""
    try:
        seen.extend(neighbours.read(device))
    except DeviceError as error:
        problem = str(error)
    return Found(
        address=host,
        ping=alive,
        snmp=True,
        name=text(system.get(SYSTEM["sysName"])),
        os=known.os if known else "",
        vendor=known.vendor if known else "",
        object_id=object_id,
        description=description,
        problem=problem,
        neighbours=tuple(seen),
    )


def named(found: Sequence[Found]) -> dict[str, Found]:
    """What each device that answers may be called in agent.toml: its own name, with the address where two have it."""
    names: dict[str, Found] = {}
    for one in found:
        if one.snmp:
            name = re.sub(r"[^A-Za-z0-9._-]", "-", one.name).strip("-._")[:40] or one.address
            names[f"{name}-{one.address}" if name in names else name] = one
    return names


def proposal(name: str, found: Found, port: int, secret: str, behind: str = "") -> str:
    """What an administrator may put into agent.toml. `secret` is the line that names the credential's file."""
    at = found.address if port == 161 else f"{found.address}:{port}"  # noqa: PLR2004 - SNMP's own
    way = f'behind = "{behind}"\n' if behind else ""
    return f'[[device]]\nname = "{name}"\naddress = "{at}"\n{secret}\n{way}'


def assets(names: Iterable[str], unit: str) -> str:
    """Devices by these names as a file for `registry import --assets`: an administrator says which of them to keep."""
    sheet = io.StringIO()
    table = csv.writer(sheet, lineterminator="\n")
    table.writerow(ASSETS)
    table.writerows([f"{unit}-{name}", name, "device", unit, ""] for name in names)
    return sheet.getvalue()


def unseen(found: Sequence[Found], wanted: Sequence[str]) -> dict[str, list[str]]:
    """Addresses of the range that answered nothing but that devices name as neighbours: by address, who says so."""
    answered, within = {one.address for one in found}, set(wanted)
    named: dict[str, list[str]] = {}
    for one in found:
        for neighbour in one.neighbours:
            if neighbour.address in within and neighbour.address not in answered:
                named.setdefault(neighbour.address, []).append(one.name or one.address)
    return named
