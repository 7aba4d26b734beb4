# SPDX-License-Identifier: Apache-2.0
"""Finding flows by who, where and when: the newest minute first, and within it those with the most bytes.

A minute is unpacked only if it may hold what is looked for: an address that is asked for stands in its text.
"""

import ipaddress
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from sqlalchemy import Connection, select

from giamsat_collector.errors import RefusedError
from giamsat_collector.traffic.tables import flow_minutes
from giamsat_wire.errors import MalformedError
from giamsat_wire.flow import FlowRow, read

MINUTES: Final = 20_000
"""Minutes of sensors that are looked through at once; of more the newest, and it is said."""
PORTS: Final = 65_535

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flows: either end in `network` (None: any), either port `port` (0: any), `name` in the other's name."""

    since_ns: int
    until_ns: int
    network: Network | None = None
    port: int = 0
    name: str = ""
    assets: Collection[str] | None = None

    def fits(self, row: FlowRow) -> bool:
        """Whether a flow is wanted."""
        if self.port and self.port not in {row.source_port, row.destination_port}:
            return False
        if self.name and self.name.lower() not in row.name.lower():
            return False
        ends = (row.source, row.destination)
        return self.network is None or any(_within(end, self.network) for end in ends)


@dataclass(slots=True)
class Found:
    """Flows with who saw them and when their minute began; `minutes` were looked through, `more`: not all that fits.

    `bytes` is what all flows of these minutes that fit carried, listed or not, and `others` what has no line at all.
    """

    flows: list[tuple[str, str, int, FlowRow]] = field(default_factory=list)
    minutes: int = 0
    more: bool = False
    bytes: int = 0
    others: int = 0


def network(text: str) -> Network | None:
    """An address or network that somebody wrote; None for an empty text.

    Raises:
        RefusedError: it is none.
    """
    if not text:
        return None
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise RefusedError(
            "{text}: {reason}; write 192.0.2.7, 192.0.2.0/24 or an IPv6 address", text=text[:64], reason=error
        ) from error


def search(connection: Connection, wanted: Wanted, limit: int) -> Found:
    """The flows that fit, at most `limit` of them."""
    its = flow_minutes.c
    query = select(flow_minutes).where(its.start_ns < wanted.until_ns, its.end_ns >= wanted.since_ns)
    # A minute ends soon after it began: the index finds it.
    query = query.where(its.start_ns >= wanted.since_ns - 600 * 1_000_000_000)
    if wanted.assets is not None:
        query = query.where(its.asset.in_(wanted.assets))
    found, may_hold = Found(), _probe(wanted)
    for minute in connection.execute(query.order_by(its.start_ns.desc()).limit(MINUTES + 1)):
        if found.minutes == MINUTES:
            found.more = True
            break
        found.minutes += 1
        found.others += minute.rest_bytes
        text = zlib.decompress(minute.lines)
        if not may_hold(text):
            continue
        for row in _rows(text):
            if not wanted.fits(row):
                continue
            found.bytes += row.sent_bytes + row.received_bytes
            if len(found.flows) < limit:
                found.flows.append((minute.asset, minute.interface, minute.start_ns, row))
            else:
                found.more = True
    return found


def _probe(wanted: Wanted) -> Callable[[bytes], bool]:
    """Says quickly of the text of a minute that nothing in it fits."""
    needles = []
    if wanted.network is not None and wanted.network.num_addresses == 1:
        needles.append(f",{wanted.network.network_address},".encode())
    if wanted.port:
        needles.append(f",{wanted.port},".encode())
    return lambda text: all(needle in text for needle in needles)


def _rows(text: bytes) -> list[FlowRow]:
    try:
        return [read(line) for line in text.decode().split("\n") if line]
    except (MalformedError, UnicodeDecodeError):
        # Written by another version: it was checked when it came, and one that cannot be read hides no other.
        return []


def _within(address: str, wanted: Network) -> bool:
    one = ipaddress.ip_address(address)
    return one.version == wanted.version and one in wanted
