# SPDX-License-Identifier: Apache-2.0
"""One IPv4 address with two bearers (RFC 5227), and storms of announcements by ARP (RFC 826; ATT&CK T1557.002).

When an address passes on (VRRP, keepalived, a new network card, a new lease) the old bearer falls silent. Two that go
on asking and answering under one address, in turn, both have it: a mistake, a split cluster, or one who poses.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.machines import is_one_machine, is_virtual
from giamsat_wire.clock import SECOND_NS

REQUEST, REPLY = 1, 2
TURNS: Final = 6
"""Times an address changed hands within TURNS_NS; a fail-over and the way back are two."""
TURNS_NS: Final = 600 * SECOND_NS
LASTING_NS: Final = 20 * SECOND_NS
"""A cluster settles who bears an address within less."""
ASKED_NS: Final = 5 * SECOND_NS
BORNE: Final = 8
"""Who answers for more addresses does so for others by right (proxy ARP, RFC 1027)."""
STORM: Final = 60
"""Announcements of one address by one host within STORM_NS; keepalived makes ten when it takes over."""
STORM_NS: Final = 10 * SECOND_NS
LOOKED_AT: Final = 8_192

_Key = tuple[int, int]


class DuplicateAddress:
    """Who spoke under an address, by VLAN and address, each time another did; announcements by host and address."""

    def __init__(self) -> None:
        self.room = Room()
        self._asked: Table[tuple[int, int, int], int] = Table(4_096)
        self._turns: Table[_Key, deque[tuple[int, int, int]]] = self.room.table(8_192)
        self._borne: Table[int, dict[int, None]] = self.room.table(4_096)
        self._said: Table[tuple[int, int, int], deque[tuple[int, int]]] = self.room.table(2_048)
        self._told: Told[tuple[str, int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        arp = batch.arp
        for row in range(min(len(arp.at), LOOKED_AT)):
            at, operation = int(arp.at[row]), int(arp.operation[row])
            mac, owner, target = int(arp.sender_mac[row]), int(arp.sender_ip[row]), int(arp.target_ip[row])
            vlan, now = int(batch.vlan[at]), int(batch.time_ns[at])
            if operation == REQUEST:
                self._asked.put((vlan, target, owner), now)
            if not owner or operation not in {REQUEST, REPLY}:
                continue
            if owner == target:
                yield from self._announced(batch, at, mac, owner)
            asked_ns = self._asked.get((vlan, owner, target))
            # What nobody asked for is another's concern: it says what the sender wants believed, not what it does.
            if operation == REQUEST or (asked_ns is not None and now - asked_ns <= ASKED_NS):
                yield from self._borne_by(batch, at, mac, owner)

    def _borne_by(self, batch: Batch, at: int, mac: int, owner: int) -> Iterator[Anomaly]:
        """One speaks under its address: tell when another did so before and after, again and again."""
        if is_virtual(mac):
            return
        borne = self._borne.get(mac) or self._borne.put(mac, {})
        borne[owner] = None
        while len(borne) > BORNE + 1:
            del borne[next(iter(borne))]
        vlan, now = int(batch.vlan[at]), int(batch.time_ns[at])
        turns = self._turns.get((vlan, owner)) or self._turns.put((vlan, owner), deque(maxlen=64))
        if not turns or not is_one_machine(turns[-1][1], mac):
            turns.append((now, mac, int(batch.number[at])))
        while now - turns[0][0] > TURNS_NS and len(turns) > 1:
            turns.popleft()
        changes = len(turns) - 1
        if changes < TURNS or now - turns[0][0] < LASTING_NS:
            return
        bearers = sorted({one for _, one, _ in turns})
        by_right = any(len(self._borne.get(one) or ()) > BORNE for one in bearers)
        if by_right or not self._told.due(("duplicate_address", vlan, owner), now, changes):
            return
        address, names = batch.addresses.text(owner), ", ".join(mac_text(one) for one in bearers[:8])
        yield Anomaly(
            name="duplicate_address",
            severity=Severity.MEDIUM,
            words=(
                f"{address} do {len(bearers)} máy cùng dùng ({names}), thay nhau {changes} lần",
                f"{address} is used by {len(bearers)} machines at once ({names}), which took turns {changes} times",
            ),
            source_ip=address,
            source_mac=mac_text(mac),
            first_ns=turns[0][0],
            last_ns=now,
            targets=[Target(address)],
            counts={"packets": len(turns), "machines": len(bearers)},
            frames=[number for _, _, number in turns],
        )

    def _announced(self, batch: Batch, at: int, mac: int, owner: int) -> Iterator[Anomaly]:
        vlan, now = int(batch.vlan[at]), int(batch.time_ns[at])
        key = (vlan, mac, owner)
        said = self._said.get(key) or self._said.put(key, deque(maxlen=1_024))
        said.append((now, int(batch.number[at])))
        while now - said[0][0] > STORM_NS:
            said.popleft()
        if len(said) < STORM or not self._told.due(("arp_storm", mac, owner), now, len(said)):
            return
        address = batch.addresses.text(owner)
        yield Anomaly(
            name="arp_storm",
            severity=Severity.MEDIUM,
            words=(
                f"{mac_text(mac)} thông báo địa chỉ {address} {len(said)} lần trong mười giây",
                f"{mac_text(mac)} announced the address {address} {len(said)} times within ten seconds",
            ),
            source_ip=address,
            source_mac=mac_text(mac),
            first_ns=said[0][0],
            last_ns=now,
            targets=[Target(address)],
            counts={"packets": len(said)},
            frames=[number for _, number in said],
        )
