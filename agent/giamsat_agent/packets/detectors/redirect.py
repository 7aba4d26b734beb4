# SPDX-License-Identifier: Apache-2.0
"""Redirects (RFC 792, RFC 4861 section 4.5; ATT&CK T1557): one who is not the router leads hosts another way.

A router tells a host of a better first hop, which is another than itself: what names its own sender is no router's
word, whatever name it goes by. Nor is what comes from one Ethernet address in the name of another, unless routers share
the name (VRRP, HSRP, GLBP) or the sender took it over, which it announced. Who bears which address is known from ARP.
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

REDIRECT, REDIRECT6 = 5, 137
"""The types of ICMP and ICMPv6."""
GATEWAY: Final = 4
"""Bytes before the part of the message that a batch calls its payload: the gateway to be used."""
ABOUT: Final = 20
"""Bytes of the packet that was redirected, which every message holds."""
OPTIONS_AT: Final = 32
"""Behind the better hop and the destination."""
TARGET_ADDRESS: Final = 2
"""The option with the Ethernet address of the better hop."""
NOBODY: Final = 0
"""The address of one that is known by its Ethernet address alone."""
KEPT: Final = 64
KEPT_NS: Final = 600 * SECOND_NS
LOOKED_AT: Final = 8_192


class Redirect:
    """Who bears which address, and who redirected whom."""

    def __init__(self) -> None:
        self.room = Room()
        self._bearers: Table[tuple[int, int], int] = self.room.table(4_096)
        self._bears: Table[tuple[int, int], int] = self.room.table(4_096)
        self._seen: Table[tuple[int, int], deque[tuple[int, int, int]]] = self.room.table(1_024)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        four = batch.icmp[(batch.source_port[batch.icmp] == REDIRECT) & (batch.held[batch.icmp] >= ABOUT)][:LOOKED_AT]
        six = batch.icmp6[batch.source_port[batch.icmp6] == REDIRECT6][:LOOKED_AT]
        arp = batch.arp
        heard = iter(zip(arp.at[:LOOKED_AT].tolist(), arp.sender_ip.tolist(), arp.sender_mac.tolist(), strict=False))
        said = next(heard, None)
        for at in batch.any_of(four, six).tolist():
            while said is not None and said[0] < at:
                self._hear(batch, *said)
                said = next(heard, None)
            offender = self._offender(batch, at) if batch.source_port[at] == REDIRECT else _offender6(batch, at)
            if offender is not None:
                yield from self._redirected(batch, at, offender)
        while said is not None:
            self._hear(batch, *said)
            said = next(heard, None)

    def _hear(self, batch: Batch, at: int, owner: int, mac: int) -> None:
        if owner:
            vlan = int(batch.vlan[at])
            self._bearers.put((vlan, owner), mac)
            self._bears.put((vlan, mac), owner)

    def _offender(self, batch: Batch, at: int) -> int | None:
        """The address of whoever sent what no router sends, if it is known; None when it may be a router's."""
        start, vlan, mac = int(batch.payload_at[at]), int(batch.vlan[at]), int(batch.source_mac[at])
        gateway = int.from_bytes(batch.data[start - GATEWAY : start].tobytes())
        source = int(batch.source[at])
        if gateway != source and self._bearers.get((vlan, gateway)) == mac:
            return gateway
        bearer = self._bearers.get((vlan, source))
        if bearer is None or is_one_machine(bearer, mac) or is_virtual(bearer) or is_virtual(mac):
            return None
        own = self._bears.get((vlan, mac))
        # What it announced to be is not what it is.
        return NOBODY if own is None or own == source else own

    def _redirected(self, batch: Batch, at: int, offender: int) -> Iterator[Anomaly]:
        vlan, mac, now_ns = int(batch.vlan[at]), int(batch.source_mac[at]), int(batch.time_ns[at])
        seen = self._seen.get((vlan, mac))
        if seen is None:
            seen = self._seen.put((vlan, mac), deque(maxlen=KEPT))
        seen.append((now_ns, int(batch.destination[at]), int(batch.number[at])))
        while now_ns - seen[0][0] > KEPT_NS:
            seen.popleft()
        if self._told.due((vlan, mac), now_ns, len(seen)):
            text, led = batch.addresses.text, dict.fromkeys(target for _, target, _ in seen)
            who = f"{text(offender)} ({mac_text(mac)})" if offender else mac_text(mac)
            yield Anomaly(
                name="icmp_redirect",
                severity=Severity.HIGH,
                words=(
                    f"{who} mạo bộ định tuyến, bảo {len(led)} máy gửi đường khác",
                    f"{who} poses as the router and leads {len(led)} hosts another way",
                ),
                source_ip=text(offender) if offender else "",
                source_mac=mac_text(mac),
                first_ns=seen[0][0],
                last_ns=now_ns,
                targets=[Target(text(target)) for target in led],
                counts={"packets": len(seen), "targets": len(led)},
                frames=[number for _, _, number in seen],
            )


def _offender6(batch: Batch, at: int) -> int | None:
    """The sender, when the better hop it names is itself."""
    content, at_option = batch.content(at), OPTIONS_AT
    while at_option + 8 <= len(content) and content[at_option + 1]:
        if content[at_option] == TARGET_ADDRESS:
            named = int.from_bytes(content[at_option + 2 : at_option + 8])
            return int(batch.source[at]) if named == int(batch.source_mac[at]) else None
        at_option += content[at_option + 1] * 8
    return None
