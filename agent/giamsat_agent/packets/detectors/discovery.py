# SPDX-License-Identifier: Apache-2.0
"""Looking for hosts (ATT&CK T1018): echo requests to many addresses, or every IP protocol tried on one host.

A monitoring system polls hosts of which most are there, again and again, and its echoes carry data, as those of ping(8)
do; a sweep tries addresses one after the other, many of them empty, or sends echoes that carry nothing because nobody
waits for them. When all of them answer, only time shows which of the two it is.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import TARGETS, Anomaly, Severity, Target
from giamsat_agent.packets.attempts import SOURCES, Attempt, Attempts
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Addresses
from giamsat_agent.packets.columns.batch import ICMP, ICMP6, NOT_IP, TCP, UDP, Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table, Told, busiest, first_of_each
from giamsat_agent.packets.scan_thresholds import ALIVE, is_in_order
from giamsat_wire.clock import SECOND_NS

HOSTS: Final = 10
SPAN_NS: Final = 60 * SECOND_NS
PATIENCE_NS: Final = 2 * SECOND_NS
"""What is not answered by then is not answered."""
POLLED_NS: Final = 150 * SECOND_NS
"""Who has not asked the same hosts again by then does not poll them; monitoring systems do each minute or two."""
AGAIN_NS: Final = 5 * SECOND_NS
"""After so long it is another round and not a repetition."""
PROTOCOLS: Final = 8
LOOKED_AT: Final = 8_192
UNREACHABLE, PROTOCOL = 3, 2
IP4_HEADER: Final = 20
EVERY_NODE: Final = "ff02::1"
ECHO: Final = 128
NODES: Final = 5
"""Hosts that answer: who looks whether the network is there at all sees fewer."""
ANSWERS_NS: Final = 10 * SECOND_NS
_ALL_NODES: Final = OneOf((ECHO, 129, 4))
"""Echo requests and replies, and that a header is not understood, which nmap and alive6 provoke (RFC 4443)."""
_COMMON: Final = OneOf((NOT_IP, TCP, UDP, ICMP, ICMP6))
_ASKS: Final = {ICMP: OneOf((8, 13, 17)), ICMP6: OneOf((128,))}
"""Echo, timestamp and address mask requests (RFC 792, RFC 950, RFC 4443)."""
_ANSWERS: Final = {ICMP: OneOf((0, 14, 18)), ICMP6: OneOf((129,))}


class EchoSweep:
    """Implements giamsat_agent.packets.detector.Waiting: echo requests by source."""

    def __init__(self) -> None:
        self.room = Room()
        self._attempts = Attempts(self.room)
        self._told: Told[int] = Told()
        self._open: Table[int, tuple[int, int]] = self.room.table(SOURCES)
        """Who asked many lately: since when it is watched, and when it is to be judged."""
        self._asks: Table[int, bool] = self.room.table(SOURCES)
        """Who is seen to ask."""
        self._addresses = Addresses()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; who asks is judged once there was time to answer."""
        self._addresses = batch.addresses
        for protocol in (ICMP, ICMP6):
            places = batch.icmp if protocol == ICMP else batch.icmp6
            if not len(places):
                continue
            kind = batch.source_port[places]
            asks = places[_ASKS[protocol].at(kind) & (batch.size[places] > 0)]
            asks = asks[first_of_each(batch.source[asks], batch.destination[asks], batch.time_ns[asks] // AGAIN_NS)]
            for at in asks[:LOOKED_AT].tolist():
                self._asks.put(int(batch.source[at]), value=True)
                self._asked(batch, at, who=int(batch.source[at]), target=int(batch.destination[at]))
            answers = places[_ANSWERS[protocol].at(kind)]
            for at, alone in zip(answers[:LOOKED_AT].tolist(), self._alone(batch, answers), strict=False):
                if alone:
                    self._asked(batch, at, who=int(batch.destination[at]), target=int(batch.source[at]))
                self._attempts.answered(int(batch.destination[at]), int(batch.source[at]), 0)
        if len(self._open) and len(batch):
            yield from self._judged(int(batch.time_ns[-1]), PATIENCE_NS)

    def rest(self) -> Iterator[Anomaly]:
        """Who was not judged yet, when nothing more comes."""
        latest = max((since for _, (since, _) in self._open.items()), default=0)
        return self._judged(latest + POLLED_NS, 0)

    def _alone(self, batch: Batch, answers: Numbers) -> list[bool]:
        """Which answers of hosts inside go to who is not seen to ask: what comes from outside anybody sends."""
        inside, askers = batch.from_inside[answers], batch.destination[answers].tolist()
        return [near and who not in self._asks for near, who in zip(inside.tolist(), askers, strict=True)]

    def _asked(self, batch: Batch, at: int, who: int, target: int) -> None:
        now = int(batch.time_ns[at])
        if batch.addresses.is_group(target):
            return
        empty = int(batch.payload[at]) == 0
        known = self._attempts.tried(who, target, 0, now, int(batch.number[at]), empty=empty)
        if len(known.attempts) >= HOSTS and who not in self._open:
            self._open.put(who, (now, now + PATIENCE_NS))

    def _judged(self, now_ns: int, patience_ns: int) -> Iterator[Anomaly]:
        for who, (since_ns, due_ns) in self._open.items():
            if patience_ns and now_ns < due_ns:
                continue
            its = [one for one in self._attempts.of(who) if since_ns - SPAN_NS <= one.at_ns <= now_ns - patience_ns]
            its.sort(key=lambda one: one.at_ns)
            is_over = now_ns - since_ns >= POLLED_NS
            swept = _is_sweep(its) or (is_over and _is_in_order(its) and not _are_polled(its))
            if swept and self._told.due(who, now_ns, len(its)):
                yield _sweep(self._addresses, who, its)
            if swept or is_over:
                self._open.drop(who)
            else:
                self._open.put(who, (since_ns, now_ns + PATIENCE_NS))


def _is_sweep(its: list[Attempt]) -> bool:
    """Whether most addresses that one source tried are empty, or nobody waits for an answer."""
    missing = [one.at_ns for one in its if not one.answered]
    if busiest(missing, SPAN_NS) >= HOSTS and len(its) - len(missing) < ALIVE * len(missing):
        return True
    return busiest([one.at_ns for one in its if one.empty], SPAN_NS) >= HOSTS


def _is_in_order(its: list[Attempt]) -> bool:
    """Whether many addresses follow each other."""
    return len(its) >= HOSTS and is_in_order([one.target for one in its])


def _are_polled(its: list[Attempt]) -> bool:
    """Whether most are asked round after round."""
    return 2 * sum(one.last_ns - one.at_ns >= AGAIN_NS for one in its) > len(its)


def _sweep(addresses: Addresses, who: int, its: list[Attempt]) -> Anomaly:
    text = addresses.text
    return Anomaly(
        name="host_discovery",
        severity=Severity.LOW,
        words=(
            f"{text(who)} dò {len(its)} địa chỉ bằng ICMP",
            f"{text(who)} looked for hosts at {len(its)} addresses by ICMP",
        ),
        source_ip=text(who),
        first_ns=its[0].at_ns,
        last_ns=its[-1].at_ns,
        targets=[Target(text(one.target)) for one in its],
        counts={"packets": sum(one.tries for one in its)},
        frames=[one.number for one in its],
    )


class AllNodes:
    """One echo request to every node of a link (RFC 4291, section 2.7.1), and all that answer to who sent it."""

    def __init__(self) -> None:
        self.room = Room()
        self._asked: Table[int, tuple[int, dict[int, int]]] = self.room.table(1_024)
        self._told: Told[int] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for at in batch.icmp6[_ALL_NODES.at(batch.source_port[batch.icmp6])][:LOOKED_AT].tolist():
            now_ns, kind = int(batch.time_ns[at]), int(batch.source_port[at])
            if kind == ECHO:
                if batch.addresses.text(int(batch.destination[at])) == EVERY_NODE:
                    self._asked.put(int(batch.source[at]), (now_ns, {}))
                continue
            who = int(batch.destination[at])
            asked_ns, answered = self._asked.get(who) or (0, {})
            if not asked_ns or now_ns - asked_ns > ANSWERS_NS or len(answered) >= TARGETS:
                continue
            answered[int(batch.source[at])] = int(batch.number[at])
            if len(answered) >= NODES and self._told.due(who, now_ns, len(answered)):
                text = batch.addresses.text
                yield Anomaly(
                    name="host_discovery",
                    severity=Severity.LOW,
                    words=(
                        f"{text(who)} gọi mọi máy IPv6 của mạng và {len(answered)} máy đã trả lời",
                        f"{text(who)} called every IPv6 host of the network, and {len(answered)} answered",
                    ),
                    source_ip=text(who),
                    first_ns=asked_ns,
                    last_ns=now_ns,
                    targets=[Target(text(one)) for one in answered],
                    counts={"packets": 1 + len(answered)},
                    frames=list(answered.values()),
                )


class ProtocolScan:
    """Different IP protocols from one host to another, seen by what is sent or by what is refused (RFC 792, 3/2)."""

    def __init__(self) -> None:
        self.room = Room()
        self._pairs: Table[tuple[int, int], dict[int, tuple[int, int]]] = self.room.table(4_096)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        rare = batch.other[~_COMMON.at(batch.protocol[batch.other])]
        rare = rare[first_of_each(batch.source[rare], batch.destination[rare], batch.protocol[rare])]
        sent = [
            (at, (int(batch.source[at]), int(batch.destination[at])), int(batch.protocol[at])) for at in rare.tolist()
        ]
        touched: dict[tuple[int, int], int] = {}
        for at, pair, protocol in [*sent, *_refused(batch)][:LOOKED_AT]:
            touched[pair] = int(batch.time_ns[at])
            seen = self._pairs.get(pair) or self._pairs.put(pair, {})
            seen[protocol] = (touched[pair], int(batch.number[at]))
        for pair, now in touched.items():
            seen = self._pairs.get(pair) or {}
            lately = [number for at_ns, number in seen.values() if now - at_ns <= SPAN_NS]
            if len(lately) >= PROTOCOLS and self._told.due(pair, now, len(lately)):
                text = batch.addresses.text
                yield Anomaly(
                    name="host_discovery",
                    severity=Severity.MEDIUM,
                    words=(
                        f"{text(pair[0])} thử {len(lately)} giao thức IP với {text(pair[1])}",
                        f"{text(pair[0])} tried {len(lately)} IP protocols on {text(pair[1])}",
                    ),
                    source_ip=text(pair[0]),
                    first_ns=min(at_ns for at_ns, _ in seen.values()),
                    last_ns=now,
                    targets=[Target(text(pair[1]))],
                    counts={"packets": len(lately), "protocols": len(lately)},
                    frames=lately,
                )


def _refused(batch: Batch) -> Iterator[tuple[int, tuple[int, int], int]]:
    """The frame, who asked whom, and the protocol, of every refusal of a protocol."""
    its = batch.icmp
    refusals = (batch.source_port[its] == UNREACHABLE) & (batch.destination_port[its] == PROTOCOL)
    for at in its[refusals & (batch.held[its] >= IP4_HEADER)][:LOOKED_AT].tolist():
        asked = int(batch.data[int(batch.payload_at[at]) + 9])
        yield at, (int(batch.destination[at]), int(batch.source[at])), asked
