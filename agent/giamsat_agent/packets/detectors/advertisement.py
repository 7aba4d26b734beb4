# SPDX-License-Identifier: Apache-2.0
"""Router advertisements (RFC 4861; ATT&CK T1557): a router nobody knew that leads hosts elsewhere, and storms of them.

Hosts believe any advertisement. Routers that stand in for each other advertise the same prefixes. One that advertises
others, with a lifetime above zero, takes traffic that is not its own; so does a computer that shares its connection.
Hosts that come up ask for a router: where that was in vain for long there is none, and the first one is a stranger too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_wire.clock import SECOND_NS

ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT = 133, 134
LIFETIME: Final = 2
"""Bytes before the part of the message that a batch calls its payload."""
OPTIONS_AT: Final = 8
PREFIX_INFORMATION: Final = 3
KNOWN_NS: Final = 24 * 3600 * SECOND_NS
ROGUES: Final = 3
"""Strange routers within STORM_NS that are told one by one: more of them are made up."""
ROUTERS: Final = 20
"""Different routers within STORM_NS: no network has so many."""
STORM_NS: Final = 60 * SECOND_NS
VAIN, VAIN_NS = 10, 4 * 3600 * SECOND_NS
"""Questions, and how long ago the first was: a router says each half an hour that it is there (RFC 4861, section
6.2.1), though a few that answer one host alone do so more rarely (RFC 8319)."""
LOOKED_AT: Final = 4_096


@dataclass(slots=True)
class _Network:
    """What is known of one VLAN: the prefixes of the routers known, and who advertised lately."""

    prefixes: set[bytes] = field(default_factory=set)
    seen_ns: int = 0
    asked_ns: int = 0
    asked: int = 0
    lately: dict[int, int] = field(default_factory=dict)


class RouterAdvertisement:
    """Routers by VLAN."""

    def __init__(self) -> None:
        self.room = Room()
        self._networks: Table[int, _Network] = self.room.table(4_096)
        self._told: Told[tuple[str, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        kind = batch.source_port[batch.icmp6]
        said = batch.icmp6[(kind == ROUTER_ADVERTISEMENT) | (kind == ROUTER_SOLICITATION)]
        for at in said[:LOOKED_AT].tolist():
            if int(batch.source_port[at]) == ROUTER_SOLICITATION:
                self._asked(int(batch.vlan[at]), int(batch.time_ns[at]))
                continue
            start = int(batch.payload_at[at])
            lifetime = int.from_bytes(batch.data[start - LIFETIME : start].tobytes())
            prefixes = set(_prefixes(batch.content(at)))
            if lifetime and prefixes:
                yield from self._judged(batch, at, prefixes)

    def _asked(self, vlan: int, now_ns: int) -> None:
        """A host asks for a router."""
        known = self._networks.get(vlan) or self._networks.put(vlan, _Network())
        known.asked_ns = known.asked_ns or now_ns
        known.asked += 1

    def _judged(self, batch: Batch, at: int, prefixes: set[bytes]) -> Iterator[Anomaly]:
        vlan, mac, now_ns = int(batch.vlan[at]), int(batch.source_mac[at]), int(batch.time_ns[at])
        known = self._networks.get(vlan) or self._networks.put(vlan, _Network())
        known.lately[mac] = now_ns
        while len(known.lately) > LOOKED_AT or now_ns - next(iter(known.lately.values())) > STORM_NS:
            del known.lately[next(iter(known.lately))]
        if len(known.lately) >= ROUTERS:
            if self._told.due(("ra_flood", vlan), now_ns, len(known.lately)):
                yield _flood(batch, at, len(known.lately))
            return
        first = not known.prefixes
        in_vain = first and known.asked >= VAIN and now_ns - known.asked_ns >= VAIN_NS
        if first or now_ns - known.seen_ns > KNOWN_NS or known.prefixes & prefixes:
            known.prefixes, known.seen_ns = prefixes, now_ns
            if in_vain and self._told.due(("ra_rogue", mac), now_ns, 1):
                yield _rogue(batch, at, prefixes)
        elif len(known.lately) <= ROGUES + 1 and self._told.due(("ra_rogue", mac), now_ns, 1):
            yield _rogue(batch, at, prefixes)


def _prefixes(content: bytes) -> Iterator[bytes]:
    """Length and address of each prefix that is advertised."""
    at = OPTIONS_AT
    while at + 1 < len(content) and content[at + 1]:
        kind, length = content[at], content[at + 1] * 8
        if kind == PREFIX_INFORMATION and at + 32 <= len(content):
            yield content[at + 2 : at + 3] + content[at + 16 : at + 32]
        at += length


def _flood(batch: Batch, at: int, count: int) -> Anomaly:
    return Anomaly(
        name="ra_flood",
        severity=Severity.HIGH,
        words=(
            f"{count} bộ định tuyến khác nhau tự quảng bá trong một phút: mọi máy dùng IPv6 đang bị làm nghẽn",
            f"{count} different routers advertised themselves within a minute: every IPv6 host is being choked",
        ),
        source_ip="",  # whoever sends them, it is none of those they name
        first_ns=int(batch.time_ns[at]),
        last_ns=int(batch.time_ns[at]),
        counts={"packets": count, "routers": count},
        frames=[int(batch.number[at])],
    )


def _rogue(batch: Batch, at: int, prefixes: set[bytes]) -> Anomaly:
    router, mac = batch.addresses.text(int(batch.source[at])), mac_text(int(batch.source_mac[at]))
    return Anomaly(
        name="ra_rogue",
        severity=Severity.HIGH,
        words=(
            f"{router} ({mac}) tự quảng bá là bộ định tuyến IPv6 với dải địa chỉ không bộ định tuyến nào đã biết có",
            f"{router} ({mac}) advertises itself as an IPv6 router, with prefixes no known router has",
        ),
        source_ip=router,
        source_mac=mac,
        first_ns=int(batch.time_ns[at]),
        last_ns=int(batch.time_ns[at]),
        counts={"packets": 1, "prefixes": len(prefixes)},
        frames=[int(batch.number[at])],
    )
