# SPDX-License-Identifier: Apache-2.0
"""Sweeps of a network by ARP (RFC 826; ATT&CK T1018).

A sweep asks for one address after the other, or for many that nobody was ever heard to bear, and then speaks to none of
them: what somebody says to those that he asked for shows by itself what he wants. Where twice as many were spoken to
those that were not are down.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import true_at
from giamsat_agent.packets.columns.addresses import Addresses, Identities, mac_text
from giamsat_agent.packets.columns.batch import NOT_IP, Batch
from giamsat_agent.packets.detector import Lately, Room, Table, Told, first_of_each
from giamsat_agent.packets.scan_thresholds import ALIVE
from giamsat_wire.clock import SECOND_NS

REQUEST: Final = 1
SWEPT: Final = 20
"""Addresses asked for within SWEEP_NS; a router that serves a busy network asks for those of hosts."""
SWEEP_NS: Final = 10 * SECOND_NS
IN_ORDER: Final = 0.5
"""The part of addresses each of which follows the one before."""
SPEAKS_NS: Final = 2 * SECOND_NS
"""So soon who asks for an address speaks to whoever bears it, unless he only wanted to know."""
ASKING, MANY = 64, 5
"""Whose further traffic is looked at, and how many addresses those asked for."""
HEARD: Final = 8_192
LOOKED_AT: Final = 8_192


class ArpScan:
    """Implements giamsat_agent.packets.detector.Waiting: addresses asked for, by sender."""

    def __init__(self) -> None:
        self.room = Room()
        self._asked: Table[int, Lately[int]] = self.room.table(1_024)
        self._heard: Table[int, bool] = self.room.table(HEARD)
        self._asking: Table[int, bool] = self.room.table(ASKING)
        self._spoken: Table[tuple[int, int], bool] = Table(HEARD)
        """Whom they go on to speak to."""
        self._who: Table[int, int] = self.room.table(1_024)
        self._due: Table[int, int] = self.room.table(ASKING)
        """Who is to be judged, and when."""
        self._told: Told[int] = Told()
        self._addresses = Addresses()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; who asks for many is judged once there was time to speak to them."""
        arp, self._addresses = batch.arp, batch.addresses
        for address in arp.sender_ip[:LOOKED_AT].tolist():
            self._heard.put(address, value=True)
        asks = true_at(arp.operation == REQUEST)[:LOOKED_AT]
        self._hear(batch, arp.sender_mac[asks])
        for row in asks.tolist():
            at, mac, target = int(arp.at[row]), int(arp.sender_mac[row]), int(arp.target_ip[row])
            if target == int(arp.sender_ip[row]):
                continue
            now = int(batch.time_ns[at])
            if len(self._due):
                yield from self._judged(now)
            asked = self._asked.get(mac) or self._asked.put(mac, Lately(1_024, SWEEP_NS))
            asked.add(now, target, int(batch.number[at]))
            self._who.put(mac, int(arp.sender_ip[row]))
            if asked.different >= MANY:
                self._asking.put(mac, value=True)
            if asked.different >= SWEPT and mac not in self._due and self._told.may(mac, now, asked.different):
                self._due.put(mac, now + SPEAKS_NS)
        if len(self._due) and len(batch):
            yield from self._judged(int(batch.time_ns[-1]))

    def rest(self) -> Iterator[Anomaly]:
        """Who was not judged yet, when nothing more comes."""
        return self._judged(max((due_ns for _, due_ns in self._due.items()), default=0))

    def _hear(self, batch: Batch, askers: Identities) -> None:
        """Whom those that ask for many go on to speak to."""
        for mac, count in Counter(askers.tolist()).items():
            if count >= MANY:
                self._asking.put(mac, value=True)
        if not len(self._asking) or not len(batch):
            return
        chosen, now_ns = np.zeros(len(batch), bool), int(batch.time_ns[0])
        for mac in [one for one, _ in self._asking.items()]:
            asked = self._asked.get(mac)
            if asked is not None and now_ns - asked.seen[-1][0] > SWEEP_NS + SPEAKS_NS and mac not in self._due:
                self._asking.drop(mac)
            else:
                chosen |= batch.source_mac == mac
        speaks = true_at(chosen & (batch.protocol != NOT_IP))
        macs, targets = batch.source_mac[speaks], batch.destination[speaks]
        first = first_of_each(macs, targets)[:LOOKED_AT]
        for pair in zip(macs[first].tolist(), targets[first].tolist(), strict=True):
            self._spoken.put(pair, value=True)

    def _judged(self, now_ns: int) -> Iterator[Anomaly]:
        for mac, due_ns in self._due.items():
            asked = self._asked.get(mac)
            if now_ns < due_ns:
                continue
            self._due.drop(mac)
            seen = [one for one in asked.seen if (mac, one[1]) not in self._spoken] if asked else []
            targets = list(dict.fromkeys(target for _, target, _ in seen))
            if asked and asked.different - len(targets) >= ALIVE * len(targets):
                # A few of many are down, and will be asked for as long as they are.
                for target in targets:
                    self._spoken.put((mac, target), value=True)
                continue
            swept = len(targets) >= SWEPT and self._is_sweep(targets)
            if swept and self._told.due(mac, seen[-1][0], len(targets)):
                yield self._sweep(mac, targets, seen)

    def _sweep(self, mac: int, targets: list[int], seen: list[tuple[int, int, int]]) -> Anomaly:
        text = self._addresses.text
        who = text(self._who.get(mac) or 0)
        return Anomaly(
            name="arp_scan",
            severity=Severity.LOW,
            words=(
                f"{who} ({mac_text(mac)}) dò {len(targets)} địa chỉ bằng ARP",
                f"{who} ({mac_text(mac)}) asked for {len(targets)} addresses by ARP",
            ),
            source_ip=who,
            source_mac=mac_text(mac),
            first_ns=seen[0][0],
            last_ns=seen[-1][0],
            targets=[Target(text(one)) for one in targets],
            counts={"packets": len(seen)},
            frames=[number for _, _, number in seen],
        )

    def _is_sweep(self, targets: list[int]) -> bool:
        """Whether nobody bears many of the addresses, or they were asked for in their order."""
        unknown = sum(one not in self._heard for one in targets)
        following = sum(after - before == 1 for before, after in pairwise(targets))
        return unknown >= SWEPT or following >= IN_ORDER * len(targets)
