# SPDX-License-Identifier: Apache-2.0
"""Scans of which only the answers are seen (ATT&CK T1046): a host that is refused at port after port, or host by host.

Who asks for a connection where nobody listens is told so by a reset without a number of its own (RFC 9293, section
3.10.7.1); who acknowledges what was never sent, by a bare reset; who sends a datagram there, by ICMP (RFC 792, RFC
4443), which quotes it. Who gives up a connection resets it as well, but from a port of his own and by the number it has
come to. Where what was asked is seen, too, it is judged by that. Floors: as of every scan; hosts that refuse do not
count where twice as many accept, and those that reset an acknowledgement only where their addresses follow each other:
a client that wakes up tells many servers at once of what they have ended long since.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import ACK, FIN, RST, SYN, UDP, Batch, Mask
from giamsat_agent.packets.detector import DAY_NS, Room, Table, Told, first_of_each, mix
from giamsat_agent.packets.scan_thresholds import (
    ALIVE,
    HOSTS_A_MINUTE,
    MINUTE_NS,
    PORTS_A_DAY,
    PORTS_AT_ONCE,
    SERVED,
    SYSTEM_PORTS,
    TRACED,
    is_in_order,
)

PAIRS: Final = 256
HOSTS: Final = 256
SLOTS: Final = 1 << 14
"""Pairs of which one is seen to ask the other, or to begin connections with it, and hosts that are seen to begin any,
by a keyed hash."""
_SHIFT: Final = np.uint64(50)
LOOKED_AT: Final = 1_024
UNREACHABLE, NO_PORT = 3, 3
QUOTED: Final = 24
"""Bytes of an IPv4 packet without options that are quoted at least, up to its ports."""
ALIVE_BITS: Final = 16
_ALIVE_SHIFT: Final = np.uint64(64 - ALIVE_BITS)
SWEEPS: Final = {"tcp": "scan_tcp_horizontal", "ack": "host_discovery"}
CLASSES: Final = {"tcp": "scan_tcp_vertical", "ack": "scan_ack", "udp": "scan_udp"}


class _Refused(NamedTuple):
    """Who asked for which port of whom, and by what; when that was refused, and by which frame."""

    who: int
    target: int
    port: int
    means: str
    at_ns: int
    number: int


@dataclass(slots=True)
class _Newest:
    """Ports of a host, or hosts at a port, that were refused within a day: when last, and by which frame."""

    most: int
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, which: int, at_ns: int, number: int) -> None:
        """One more; what is too old by then, or too much, is forgotten."""
        self.seen.pop(which, None)
        self.seen[which] = (at_ns, number)
        while len(self.seen) > self.most or at_ns - next(iter(self.seen.values()))[0] > DAY_NS:
            del self.seen[next(iter(self.seen))]

    def lately(self, now_ns: int) -> list[int]:
        """Those of the last minute."""
        return [which for which, (at_ns, _) in self.seen.items() if now_ns - at_ns <= MINUTE_NS]


class RefusedPorts:
    """Ports and hosts that were refused, by who asked and who refused."""

    def __init__(self) -> None:
        self.room = Room()
        self._ports: Table[tuple[int, int, str], _Newest] = self.room.table(PAIRS)
        self._hosts: Table[tuple[int, int, str], _Newest] = self.room.table(HOSTS)
        """Hosts that refused somebody on a port."""
        self._alive = _Accepted()
        self._asking = np.zeros(SLOTS, np.uint64)
        self._beginning = np.zeros(SLOTS, np.uint64)
        self._called = np.zeros(SLOTS, np.uint64)
        self._told: Told[tuple[str, int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        turns = batch.turns
        kind = batch.flags[turns] & (SYN | ACK | RST | FIN)
        # From a system's port nobody begins a connection, so nobody gives one up.
        resets = turns[(kind == RST | ACK) | ((kind == RST) & (batch.source_port[turns] < SYSTEM_PORTS))]
        messages = batch.icmp
        told = (batch.source_port[messages] == UNREACHABLE) & (batch.destination_port[messages] == NO_PORT)
        messages = messages[told & (batch.held[messages] >= QUOTED)]
        begin = turns[(batch.flags[turns] & RST) == 0]
        _note(self._beginning, mix(batch.source[begin]))
        _note(self._called, mix(batch.source[batch.begins], batch.destination[batch.begins]))
        # Who only answers sends nothing else; where that may be, everything is looked at.
        asks = batch.tcp[(batch.flags[batch.tcp] & RST) == 0] if len(resets) else begin
        for some in (asks, batch.udp) if len(messages) else (asks,):
            _note(self._asking, mix(batch.source[some], batch.destination[some]))
        if len(batch.accepts):
            self._alive.take(batch, batch.accepts)
        ports: dict[tuple[int, int, str], _Refused] = {}
        hosts: dict[tuple[int, int, str], _Refused] = {}
        for refused in (*self._resets(batch, resets), *self._messages(batch, messages)):
            self._count(refused)
            ports[refused.who, refused.target, refused.means] = refused
            hosts[refused.who, refused.port, refused.means] = refused
        for refused in ports.values():
            yield from self._vertical(batch, refused)
        for refused in hosts.values():
            yield from self._horizontal(batch, refused)

    def _unseen(self, batch: Batch, answers: Numbers) -> Numbers:
        """Answers to who is not seen to ask. From outside anybody makes them up, but for who is not seen at all."""
        if not len(answers):
            return answers
        source, who = batch.source[answers], batch.destination[answers]
        answers = answers[~_among(self._asking, mix(who, source))]
        from_outside = batch.to_inside[answers] & ~batch.from_inside[answers]
        unseen: Numbers = answers[~(from_outside & _among(self._beginning, mix(batch.destination[answers])))]
        return unseen

    def _resets(self, batch: Batch, resets: Numbers) -> Iterator[_Refused]:
        if not len(resets):
            return
        resets = self._unseen(batch, resets)
        # Who begins connections with a host gives up what he began.
        resets = resets[~_among(self._called, mix(batch.source[resets], batch.destination[resets]))]
        resets = resets[first_of_each(batch.source[resets], batch.source_port[resets], batch.destination[resets])]
        resets = resets[((batch.flags[resets] & ACK) == 0) | (batch.sequences(resets) == 0)][:LOOKED_AT]
        ends = (batch.destination, batch.source, batch.source_port, batch.flags, batch.time_ns, batch.number)
        for _, who, target, port, flags, now_ns, number in batch.rows(resets, *ends):
            yield _Refused(who, target, port, "tcp" if flags & ACK else "ack", now_ns, number)

    def _messages(self, batch: Batch, messages: Numbers) -> Iterator[_Refused]:
        for at in self._unseen(batch, messages)[:LOOKED_AT].tolist():
            quoted = batch.content(at)
            header = 4 * (quoted[0] & 0x0F)
            own, port = (int.from_bytes(quoted[header + place : header + place + 2]) for place in (0, 2))
            # What a server says to a client that does not listen any more is an answer as well.
            late = own in SERVED and port >= SYSTEM_PORTS
            if quoted[9] == UDP and port and port not in TRACED and not late:
                who, target, now_ns = int(batch.destination[at]), int(batch.source[at]), int(batch.time_ns[at])
                yield _Refused(who, target, port, "udp", now_ns, int(batch.number[at]))

    def _count(self, refused: _Refused) -> None:
        who, target, port, means, now_ns, number = refused
        pair = (who, target, means)
        ports = self._ports.get(pair) or self._ports.put(pair, _Newest(4 * PORTS_AT_ONCE))
        ports.add(port, now_ns, number)
        if means in SWEEPS:
            service = (who, port, means)
            hosts = self._hosts.get(service) or self._hosts.put(service, _Newest(8 * HOSTS_A_MINUTE))
            hosts.add(target, now_ns, number)

    def _vertical(self, batch: Batch, refused: _Refused) -> Iterator[Anomaly]:
        who, target, _, means, now_ns, _ = refused
        ports = self._ports.get((who, target, means))
        if ports is None or len(ports.seen) < PORTS_AT_ONCE:
            return
        count, name = len(ports.seen), CLASSES[means]
        many = count >= PORTS_A_DAY or len(ports.lately(now_ns)) >= PORTS_AT_ONCE
        if many and self._told.due((name, who, target), now_ns, count):
            yield _vertical(batch, refused, ports)

    def _horizontal(self, batch: Batch, refused: _Refused) -> Iterator[Anomaly]:
        who, _, port, means, now_ns, _ = refused
        hosts = self._hosts.get((who, port, means))
        if hosts is None or len(hosts.seen) < HOSTS_A_MINUTE:
            return
        lately = hosts.lately(now_ns)
        many = HOSTS_A_MINUTE <= len(lately) > self._alive.of(who, port) // ALIVE
        swept = many and (means == "tcp" or is_in_order(lately))
        if swept and self._told.due((SWEEPS[means], who, 0), now_ns, len(lately)):
            yield _horizontal(batch, refused, {host: hosts.seen[host] for host in lately})


class _Accepted:
    """How many hosts accepted a connection of a host on a port in this minute or the one before, by keyed hashes."""

    def __init__(self) -> None:
        self._minute = 0
        self._now, self._before = (np.zeros(1 << ALIVE_BITS, np.int32) for _ in range(2))
        self._counted = np.zeros(1 << ALIVE_BITS, np.uint64)
        """Who of them was counted in this minute: one that accepts again and again is one."""

    def take(self, batch: Batch, accepts: Numbers) -> None:
        """Count who accepts."""
        minute = int(batch.time_ns[accepts[-1]]) // MINUTE_NS
        if minute != self._minute:
            self._now, self._before = self._before, self._now
            self._now[:] = 0
            self._counted[:] = 0
            if minute != self._minute + 1:
                self._before[:] = 0
            self._minute = minute
        who, port, target = batch.destination[accepts], batch.source_port[accepts], batch.source[accepts]
        first = first_of_each(who, port, target)
        key = mix(who[first], port[first], target[first])
        slot = (key >> _ALIVE_SHIFT).view(np.int64)
        fresh = self._counted[slot] != key
        self._counted[slot] = key
        first = first[fresh]
        np.add.at(self._now, self._slots(who[first], port[first]), np.int32(1))

    def of(self, who: int, port: int) -> int:
        """How many those were, in whichever minute they were more."""
        slot = self._slots(np.array([who], np.uint64), np.array([port]))
        return int(max(self._now[slot][0], self._before[slot][0]))

    @staticmethod
    def _slots(who: Identities, port: Numbers) -> Numbers:
        return (mix(who, port) >> _ALIVE_SHIFT).view(np.int64)


def _note(slots: Identities, numbers: Identities) -> None:
    slots[(numbers >> _SHIFT).view(np.int64)] = numbers


def _among(slots: Identities, numbers: Identities) -> Mask:
    found: Mask = slots[(numbers >> _SHIFT).view(np.int64)] == numbers
    return found


def _vertical(batch: Batch, refused: _Refused, ports: _Newest) -> Anomaly:
    who, target, count = batch.addresses.text(refused.who), batch.addresses.text(refused.target), len(ports.seen)
    times = [at_ns for at_ns, _ in ports.seen.values()]
    return Anomaly(
        name=CLASSES[refused.means],
        severity=Severity.MEDIUM,
        words=(
            f"{target} từ chối {who} ở {count} cổng {refused.means}; chỉ thấy chiều trả lời",
            f"{target} refused {who} at {count} {refused.means} ports; only the answers are seen",
        ),
        source_ip=who,
        first_ns=times[0],
        last_ns=times[-1],
        targets=[Target(target, port) for port in ports.seen],
        counts={"packets": count},
        frames=[number for _, number in ports.seen.values()],
    )


def _horizontal(batch: Batch, refused: _Refused, hosts: dict[int, tuple[int, int]]) -> Anomaly:
    text, count, port = batch.addresses.text, len(hosts), refused.port
    times = [at_ns for at_ns, _ in hosts.values()]
    who = text(refused.who)
    return Anomaly(
        name=SWEEPS[refused.means],
        severity=Severity.MEDIUM,
        words=(
            f"{count} máy từ chối {who} ở cổng {port}/tcp; chỉ thấy chiều trả lời",
            f"{count} hosts refused {who} on port {port}/tcp; only the answers are seen",
        ),
        source_ip=who,
        first_ns=times[0],
        last_ns=times[-1],
        targets=[Target(text(host), port) for host in hosts],
        counts={"packets": count},
        frames=[number for _, number in hosts.values()],
    )
