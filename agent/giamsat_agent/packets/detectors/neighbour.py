# SPDX-License-Identifier: Apache-2.0
"""Neighbour discovery (RFC 4861): sweeps of a network (ATT&CK T1018), and answers nobody asked for (T1557.002).

What ARP is to IPv4. A host announces its own addresses a few times when it comes up or takes over (RFC 4861, section
7.2.6: three times); one who spoofs goes on, and most often with an address that another host was heard to bear; or he
answers whatever is asked, beside the host that was meant, which goes on answering as well.
"""

import ipaddress
from collections import deque
from collections.abc import Iterator
from typing import Final

import msgspec

from giamsat_agent.packets.addresses import mac_text
from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import Batch, OneOf
from giamsat_agent.packets.detector import SECOND_NS, Lately, Table, Told
from giamsat_agent.packets.machines import is_one_machine, is_virtual

SOLICITATION, ADVERTISEMENT = 135, 136
MESSAGES: Final = OneOf((SOLICITATION, ADVERTISEMENT))
TARGET_BYTES: Final = 16
SWEPT: Final = 20
"""Addresses asked for within SWEEP_NS, as with ARP."""
SWEEP_NS: Final = 10 * SECOND_NS
ASKED_NS: Final = 5 * SECOND_NS
INSISTED: Final = 12
"""Unasked answers for one address within INSISTED_NS."""
INSISTED_NS: Final = 60 * SECOND_NS
TAKEN: Final = 6
"""Unasked answers within SPOOF_NS for an address that another was heard to bear."""
SPOOF_NS: Final = 300 * SECOND_NS
LOOKED_AT: Final = 8_192

Seen = tuple[int, bytes, int]
"""When, which address, in which frame."""


class _Answer(msgspec.Struct, gc=False):
    """Who answered a question first, and whether another did as well."""

    asked_ns: int
    mac: int
    opposed: bool = False


class NeighbourDiscovery:
    """Addresses asked for and claimed, by Ethernet address."""

    def __init__(self) -> None:
        self._asked: Table[int, Lately[bytes]] = Table(1_024)
        self._questions: Table[bytes, int] = Table(4_096)
        self._answers: Table[bytes, _Answer] = Table(4_096)
        self._bearers: Table[bytes, int] = Table(4_096)
        self._claims: Table[int, deque[Seen]] = Table(1_024)
        self._told: Told[tuple[str, int]] = Told()

    @property
    def evicted(self) -> int:
        """What was let go of for want of room."""
        return self._asked.evicted + self._claims.evicted + self._bearers.evicted

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        kinds = MESSAGES.at(batch.source_port[batch.icmp6]) & (batch.held[batch.icmp6] >= TARGET_BYTES)
        for at in batch.icmp6[kinds][:LOOKED_AT].tolist():
            seen = (int(batch.time_ns[at]), batch.content(at)[:TARGET_BYTES], int(batch.number[at]))
            if int(batch.source_port[at]) == SOLICITATION:
                self._questions.put(seen[1], seen[0])
                yield from self._sweep(batch, at, seen)
            else:
                yield from self._claim(batch, at, seen)

    def _sweep(self, batch: Batch, at: int, seen: Seen) -> Iterator[Anomaly]:
        mac, now_ns = int(batch.source_mac[at]), seen[0]
        asked = self._asked.get(mac) or self._asked.put(mac, Lately(256, SWEEP_NS))
        asked.add(*seen)
        wanted = asked.different
        if wanted >= SWEPT and self._told.due(("host_discovery", mac), now_ns, wanted):
            who = batch.addresses.text(int(batch.source[at]))
            words = (
                f"{who} ({mac_text(mac)}) dò {wanted} địa chỉ IPv6 trong mạng",
                f"{who} ({mac_text(mac)}) looked for neighbours at {wanted} IPv6 addresses",
            )
            yield _anomaly(("host_discovery", Severity.LOW, words), batch, at, mac, asked.seen)

    def _claim(self, batch: Batch, at: int, seen: Seen) -> Iterator[Anomaly]:
        mac, (now_ns, address, _) = int(batch.source_mac[at]), seen
        asked_ns = self._questions.get(address)
        if asked_ns is not None and now_ns - asked_ns <= ASKED_NS:
            rival = self._rival(address, mac, asked_ns)
            if rival is None:
                return
            mac = rival
        claims = _kept(self._claims, mac, seen, SPOOF_NS)
        bearer = self._bearers.get(address)
        its = [at_ns for at_ns, claimed, _ in claims if claimed == address]
        insists = sum(now_ns - at_ns <= INSISTED_NS for at_ns in its) >= INSISTED
        takes = bearer is not None and bearer != mac and len(its) >= TAKEN
        if (insists or takes) and self._told.due(("nd_spoof", mac), now_ns, len(claims)):
            names = ", ".join(sorted({address_text(claimed) for _, claimed, _ in claims})[:8])
            words = (
                f"{mac_text(mac)} tự nhận là {names} dù không ai hỏi ({len(claims)} lần)",
                f"{mac_text(mac)} claimed to be {names}, unasked, {len(claims)} times",
            )
            yield _anomaly(("nd_spoof", Severity.HIGH, words), batch, at, mac, claims)

    def _rival(self, address: bytes, mac: int, asked_ns: int) -> int | None:
        """A host answers what was asked: who of those that did does not bear the address, if another one does."""
        first, bearer = self._answers.get(address), self._bearers.get(address)
        if bearer is None:
            bearer = self._bearers.put(address, mac)
        if first is None or first.asked_ns != asked_ns:
            # Who answered alone the last time has taken over, if he did not bear it before.
            if first is not None and not first.opposed:
                self._bearers.put(address, first.mac)
            self._answers.put(address, _Answer(asked_ns, mac))
            return None
        if mac == first.mac or is_one_machine(mac, first.mac) or is_virtual(mac) or is_virtual(first.mac):
            return None
        first.opposed = True
        return first.mac if mac == bearer else mac


def address_text(packed: bytes) -> str:
    """An IPv6 address as people write it."""
    return str(ipaddress.IPv6Address(packed))


def _kept(table: Table[int, deque[Seen]], mac: int, seen: Seen, span_ns: int) -> deque[Seen]:
    its = table.get(mac) or table.put(mac, deque(maxlen=256))
    its.append(seen)
    while seen[0] - its[0][0] > span_ns:
        its.popleft()
    return its


def _anomaly(
    what: tuple[str, Severity, tuple[str, str]], batch: Batch, at: int, mac: int, seen: deque[Seen]
) -> Anomaly:
    name, severity, words = what
    return Anomaly(
        name=name,
        severity=severity,
        words=words,
        source_ip=batch.addresses.text(int(batch.source[at])),
        source_mac=mac_text(mac),
        first_ns=seen[0][0],
        last_ns=seen[-1][0],
        targets=[Target(address_text(address)) for address in dict.fromkeys(address for _, address, _ in seen)],
        counts={"packets": len(seen)},
        frames=[number for _, _, number in seen][:20],
    )
