# SPDX-License-Identifier: Apache-2.0
"""Neighbour discovery (RFC 4861): sweeps of a network (ATT&CK T1018), and answers nobody asked for (T1557.002).

What ARP is to IPv4. A host announces its own addresses a few times when it comes up or takes over (RFC 4861, section
7.2.6: three times); one who spoofs goes on, and most often with an address that another host was heard to bear; or he
answers whatever is asked, beside the host that was meant, which goes on answering as well. Which of the two that is can
be said only where one of them was heard to answer alone before. Who comes up asks first whether anybody bears the
address he wants (RFC 4862, section 5.4): where that is said of one address after the other nobody is let in.
"""

import ipaddress
from collections import deque
from collections.abc import Iterator
from typing import Final

import msgspec

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Key, Lately, Room, Table, Told
from giamsat_agent.packets.machines import is_one_machine, is_virtual
from giamsat_wire.clock import SECOND_NS

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
"""Answers within SPOOF_NS for an address that another was heard to bear, or gives as well."""
SPOOF_NS: Final = 300 * SECOND_NS
DENIED: Final = 3
"""Addresses within SPOOF_NS that somebody bears already: chance makes no two alike."""
NOBODY: Final = "::"
LOOKED_AT: Final = 8_192

Seen = tuple[int, bytes, int]
"""When, which address, in which frame."""


class _Answer(msgspec.Struct, gc=False):
    """Who answered a question first, and when another last did as well, to this question or one before."""

    asked_ns: int
    mac: int
    opposed_ns: int | None = None

    @property
    def settles(self) -> bool:
        """Whether who answered bears the address: he did so alone, and no two were heard to lately."""
        return self.opposed_ns is None or self.asked_ns - self.opposed_ns > SPOOF_NS


class NeighbourDiscovery:
    """Addresses asked for and claimed, by Ethernet address."""

    def __init__(self) -> None:
        self.room = Room()
        self._asked: Table[int, Lately[bytes]] = self.room.table(1_024)
        self._questions: Table[bytes, int] = Table(4_096)
        self._answers: Table[bytes, _Answer] = self.room.table(4_096)
        self._bearers: Table[bytes, int] = self.room.table(4_096)
        self._claims: Table[int, deque[Seen]] = self.room.table(1_024)
        self._rivals: Table[tuple[bytes, int, int], deque[Seen]] = self.room.table(1_024)
        self._wanted: Table[bytes, tuple[int, int]] = Table(4_096)
        self._denied: Table[int, deque[Seen]] = self.room.table(1_024)
        self._told: Told[tuple[str, int]] = Told()
        self._told_rivals: Told[tuple[bytes, int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        kinds = MESSAGES.at(batch.source_port[batch.icmp6]) & (batch.held[batch.icmp6] >= TARGET_BYTES)
        for at in batch.icmp6[kinds][:LOOKED_AT].tolist():
            seen = (int(batch.time_ns[at]), batch.content(at)[:TARGET_BYTES], int(batch.number[at]))
            if int(batch.source_port[at]) == SOLICITATION:
                self._questions.put(seen[1], seen[0])
                if batch.addresses.text(int(batch.source[at])) == NOBODY:
                    self._wanted.put(seen[1], (seen[0], int(batch.source_mac[at])))
                yield from self._sweep(batch, at, seen)
            else:
                yield from self._denies(batch, at, seen)
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
            yield from self._answered(batch, at, seen, asked_ns)
            return
        claims = _kept(self._claims, mac, seen, SPOOF_NS)
        bearer = self._bearer(address)
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

    def _denies(self, batch: Batch, at: int, seen: Seen) -> Iterator[Anomaly]:
        """One claims what a host wants to bear: tell when that goes so with one address after the other."""
        mac, (now_ns, address, _) = int(batch.source_mac[at]), seen
        wanted_ns, who = self._wanted.get(address) or (0, mac)
        if now_ns - wanted_ns > ASKED_NS or is_one_machine(mac, who) or self._bearer(address) in {mac, who}:
            return
        self._wanted.drop(address)
        denied = _kept(self._denied, int(batch.vlan[at]), seen, SPOOF_NS)
        count = len({wanted for _, wanted, _ in denied})
        if count >= DENIED and self._told.due(("denied", int(batch.vlan[at])), now_ns, count):
            words = (
                f"{mac_text(mac)} tự nhận {count} địa chỉ IPv6 mà máy khác vừa xin: không máy nào vào được mạng",
                f"{mac_text(mac)} claimed {count} IPv6 addresses that others had just asked for: no host is let in",
            )
            yield _anomaly(("nd_spoof", Severity.HIGH, words), batch, at, mac, denied)

    def _bearer(self, address: bytes) -> int | None:
        """Who bears an address: he who answered alone the last time, unless two were heard to lately."""
        last = self._answers.get(address)
        if last is not None and last.settles:
            self._bearers.put(address, last.mac)
        return self._bearers.get(address)

    def _answered(self, batch: Batch, at: int, seen: Seen, asked_ns: int) -> Iterator[Anomaly]:
        """A host answers what was asked: tell when another one does so as well, time and again."""
        mac, (now_ns, address, _) = int(batch.source_mac[at]), seen
        first = self._answers.get(address)
        if first is None or first.asked_ns != asked_ns:
            self._bearer(address)
            self._answers.put(address, _Answer(asked_ns, mac, first.opposed_ns if first else None))
            return
        if mac == first.mac or is_one_machine(mac, first.mac) or is_virtual(mac) or is_virtual(first.mac):
            return
        first.opposed_ns = now_ns
        pair = (address, min(mac, first.mac), max(mac, first.mac))
        answers = _kept(self._rivals, pair, seen, SPOOF_NS)
        if len(answers) >= TAKEN and self._told_rivals.due(pair, now_ns, len(answers)):
            yield _rivalry(pair, self._bearers.get(address), answers)


def address_text(packed: bytes) -> str:
    """An IPv6 address as people write it."""
    return str(ipaddress.IPv6Address(packed))


def _kept(table: Table[Key, deque[Seen]], key: Key, seen: Seen, span_ns: int) -> deque[Seen]:
    its = table.get(key) or table.put(key, deque(maxlen=256))
    its.append(seen)
    while seen[0] - its[0][0] > span_ns:
        its.popleft()
    return its


def _rivalry(pair: tuple[bytes, int, int], bearer: int | None, answers: deque[Seen]) -> Anomaly:
    """Two that answer for one address; where neither was heard to bear it before, neither is named the offender."""
    (address, *both), count = pair, len(answers)
    name, mac = address_text(address), ""
    if bearer in both:
        mac, right = mac_text(both[both[0] == bearer]), mac_text(both[both[0] != bearer])
        words = (
            f"{mac} trả lời {count} lần rằng nó là {name}, trong khi {right}, vốn mang địa chỉ ấy, vẫn trả lời",
            f"{mac} answered {count} times to be {name}, while {right}, which bears the address, answers as well",
        )
    else:
        one, other = map(mac_text, both)
        words = (
            f"{one} và {other} cùng trả lời {count} lần rằng mình là {name}: có thể một bên mạo danh bên kia",
            f"{one} and {other} both answered {count} times to be {name}: one may pose as the other",
        )
    return Anomaly(
        name="nd_spoof",
        severity=Severity.HIGH,
        words=words,
        source_ip=name if mac else "",
        source_mac=mac,
        first_ns=answers[0][0],
        last_ns=answers[-1][0],
        targets=[Target(name)],
        counts={"packets": count},
        frames=[number for _, _, number in answers],
    )


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
        frames=[number for _, _, number in seen],
    )
