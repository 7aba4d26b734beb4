# SPDX-License-Identifier: Apache-2.0
"""Floods (ATT&CK T1498, T1499): far more packets to one host within a second than it answers.

What is counted is packets of one kind to one host in one second of the capture, and how many went the other way; a
second is judged when it is over, or when KEPT frames of it are there. A download or a call has two directions; a flood
has one. Answers of many servers that nobody asked are reflection
(T1498.002): the host is the victim of questions asked in its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from giamsat_agent.packets.addresses import Addresses, Identities
from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.batch import ACK, FIN, ICMP, ICMP6, RST, SYN, TCP, UDP, Batch, Mask, OneOf
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS, Told, first_of_each, mix

LEAST: Final = {
    "syn_flood": 100,
    "udp_flood": 2_000,
    "icmp_flood": 200,
    "reflection": 50,
    "wide_reflection": 50,
    "ack_flood": 500,
    "syn_ack_flood": 200,
    "rst_flood": 500,
}
"""Packets to one host within a second."""
ASKED: Final = 200
"""Bytes of a datagram; an answer that is longer was amplified."""
ANSWERED: Final = 0.02
"""The part that may go the other way."""
PORTS: Final = 8
"""A flood aims at a service: what does not go to so many ports, the busiest ones, is a scan's."""
REFLECTORS: Final = (
    17,
    19,
    53,
    111,
    123,
    137,
    161,
    177,
    389,
    427,
    520,
    1434,
    1900,
    3283,
    3702,
    5093,
    5353,
    5683,
    11211,
)
"""Quote of the day, chargen, DNS, portmapper, NTP, NetBIOS, SNMP, XDMCP, CLDAP, SLP, RIP, MSSQL, SSDP, Apple Remote
Desktop, WS-Discovery, Sentinel, mDNS, CoAP, memcached."""
STREAMS: Final = (623, 1194, 1604, 1701, 3478, 5060, 10001, 27015, 27960, 32414, 33848, 37810, 47808)
"""IPMI, OpenVPN, Citrix, L2TP, STUN, SIP, Ubiquiti, Steam, Quake, Plex, Jenkins, DVRs, BACnet: amplifiers too, but
tunnels, calls and games send from these ports as well, one to a host; only many servers at once are a reflection."""
SERVERS: Final = 10
_REFLECTS, _STREAMS = OneOf(REFLECTORS), OneOf(STREAMS)
_ECHO, _ECHO6 = OneOf((0, 8)), OneOf((128, 129))
NAMES: Final = (53, 5353)
"""Long answers to names are ordinary; unasked ones are told from NAMED a second."""
NAMED: Final = 100
FEW_PAYLOADS: Final = 0.1
"""Segments that carry something, for each that carries nothing: connections that are at work have more."""
KEPT: Final = 1 << 18
"""Frames of one second that are kept; a second that has more is judged by them."""
SLOT_SHIFT: Final = np.uint64(50)
"""Leaves 14 bits of a hash."""
WORDS: Final = {
    "syn_flood": ("gói SYN", "SYN segments"),
    "udp_flood": ("gói UDP", "UDP datagrams"),
    "icmp_flood": ("gói ICMP", "ICMP messages"),
    "reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "wide_reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "syn_ack_flood": ("gói SYN-ACK không do nó yêu cầu", "SYN-ACK segments it did not ask for"),
    "rst_flood": ("gói RST không thuộc kết nối nào", "RST segments of no connection"),
    "ack_flood": ("gói TCP rỗng không thuộc kết nối nào", "empty TCP segments of no connection"),
}


@dataclass(frozen=True, slots=True)
class _Frames:
    """What is needed of frames to tell a flood, column by column, as narrow as it fits: a second's worth is kept."""

    second: Numbers
    time_ns: Numbers
    number: Numbers
    source: Identities
    destination: Identities
    protocol: Numbers
    source_port: Numbers
    destination_port: Numbers
    flags: Numbers
    payload: Numbers
    reflected: Mask
    echo: Mask

    def __len__(self) -> int:
        return len(self.second)

    def those(self, chosen: Mask | slice) -> "_Frames":
        """Some of them."""
        return _Frames(*(getattr(self, column.name)[chosen] for column in fields(self)))


class Flood:
    """Implements giamsat_agent.packets.detector.Waiting: packets of one kind to one host, second by second."""

    def __init__(self) -> None:
        self._told: Told[tuple[str, int]] = Told()
        self._pieces: list[_Frames] = []
        self._kept = 0
        self._addresses = Addresses()
        self.evicted = 0

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames; those of the last second wait for the rest of it."""
        if not len(batch):
            return
        self._addresses = batch.addresses
        frames = _frames(batch)
        self._pieces.append(frames)
        self._kept += len(frames)
        last = int(frames.second[-1])
        if self._kept < KEPT and last == self._pieces[0].second[0] and (frames.second == last).all():
            return
        full, pieces, self._pieces, self._kept = self._kept >= KEPT, self._pieces, [], 0
        together = _joined(pieces)
        del pieces, frames  # at full pace they are as large as what they were joined to
        over = together.second != last
        if not full and not over.all():
            rest = together.those(~over)
            self._pieces, self._kept = [rest], len(rest)
            together = together.those(over)
        yield from self._judged(together)

    def rest(self) -> Iterator[Anomaly]:
        """The last second, when nothing more comes."""
        pieces, self._pieces, self._kept = self._pieces, [], 0
        if pieces:
            yield from self._judged(_joined(pieces))

    def _judged(self, frames: _Frames) -> Iterator[Anomaly]:
        if len(frames) < min(LEAST.values()):
            return
        is_udp = frames.protocol == UDP
        kinds = {
            "syn_flood": (frames.protocol == TCP) & ((frames.flags & (SYN | ACK | RST | FIN)) == SYN),
            "reflection": frames.reflected,
            "wide_reflection": is_udp & _STREAMS.at(frames.source_port) & (frames.payload > ASKED),
            "syn_ack_flood": (frames.protocol == TCP) & ((frames.flags & (SYN | ACK | RST | FIN)) == SYN | ACK),
            "rst_flood": (frames.protocol == TCP) & ((frames.flags & (SYN | RST | FIN)) == RST),
            "udp_flood": is_udp & ~frames.reflected,
            "icmp_flood": frames.echo,
            "ack_flood": (frames.protocol == TCP) & (frames.payload == 0) & ((frames.flags & (SYN | ACK | RST)) == ACK),
        }
        for name, chosen in kinds.items():
            places = np.flatnonzero(chosen)
            places = places[_crowded(frames, places, LEAST[name])]
            if len(places):
                yield from self._counted(frames, name, places)

    def _counted(self, frames: _Frames, name: str, places: Numbers) -> Iterator[Anomaly]:
        pairs = np.empty(len(places), dtype=[("host", np.uint64), ("second", np.int64)])
        pairs["host"], pairs["second"] = frames.destination[places], frames.second[places]
        found, inverse, counts = np.unique(pairs, return_inverse=True, return_counts=True)
        for index in np.flatnonzero(counts >= LEAST[name]).tolist():
            host, count = int(found["host"][index]), int(counts[index])
            its = places[inverse == index]
            if self._addresses.is_group(host) or not _one_way(frames, name, its):
                continue
            if self._told.due((name, host), int(frames.time_ns[its[0]]), count):
                yield self._anomaly(frames, name, its)

    def _anomaly(self, frames: _Frames, name: str, its: Numbers) -> Anomaly:
        text, host = self._addresses.text, int(frames.destination[its[0]])
        sources, counts = np.unique(frames.source[its], return_counts=True)
        loudest = int(sources[counts.argmax()])
        what_vi, what_en = WORDS[name]
        return Anomaly(
            name="amplification" if name.endswith("reflection") else "flood",
            severity=Severity.HIGH,
            words=(
                f"{text(host)} nhận {len(its)} {what_vi} trong một giây từ {len(sources)} nguồn",
                f"{text(host)} received {len(its)} {what_en} within a second from {len(sources)} sources",
            ),
            source_ip=text(loudest),
            first_ns=int(frames.time_ns[its[0]]),
            last_ns=int(frames.time_ns[its[-1]]),
            targets=[Target(text(host), int(frames.destination_port[its[0]]))],
            counts={"packets": len(its), "sources": len(sources)},
            frames=frames.number[its[:20]].tolist(),
        )


def _frames(batch: Batch) -> _Frames:
    is_udp = (batch.protocol == UDP) & ~batch.fragment
    return _Frames(
        second=batch.time_ns // SECOND_NS,
        time_ns=batch.time_ns,
        number=batch.number,
        source=batch.source,
        destination=batch.destination,
        protocol=np.where(batch.fragment & (batch.protocol == UDP), -1, batch.protocol).astype(np.int16),
        source_port=batch.source_port.astype(np.int32),
        destination_port=batch.destination_port.astype(np.int32),
        flags=batch.flags.astype(np.int16),
        payload=batch.payload.astype(np.int32),
        reflected=is_udp & _REFLECTS.at(batch.source_port) & (batch.size > ASKED),
        # Echoes only: messages of refusal answer somebody else's flood or scan.
        echo=((batch.protocol == ICMP) & _ECHO.at(batch.source_port))
        | ((batch.protocol == ICMP6) & _ECHO6.at(batch.source_port)),
    )


def _crowded(frames: _Frames, places: Numbers, least: int) -> Mask:
    """Which of these may be among so many of one host and second; a few too many are let through, none is missed."""
    slots = (mix(frames.destination[places], frames.second[places]) >> SLOT_SHIFT).astype(np.int64)
    return np.bincount(slots)[slots] >= least


def _joined(pieces: list[_Frames]) -> _Frames:
    if len(pieces) == 1:
        return pieces[0]
    return _Frames(*(np.concatenate([getattr(one, column.name) for one in pieces]) for column in fields(_Frames)))


def _one_way(frames: _Frames, name: str, its: Numbers) -> bool:
    """Whether what went to the host in that second was not what it talks with."""
    host, same = frames.destination[its[0]], frames.second == frames.second[its[0]]
    if name == "syn_flood":
        _, to_port = np.unique(frames.destination_port[its], return_counts=True)
        aimed = np.sort(to_port)[-PORTS:].sum()
        to_host = same & (frames.destination == host) & (frames.protocol == TCP)
        acknowledged = to_host & ((frames.flags & ACK) != 0)
        return bool(aimed >= LEAST[name] and np.count_nonzero(acknowledged) < len(its) / 2)
    if name in {"syn_ack_flood", "rst_flood"}:
        return _never_spoken(frames, same & (frames.protocol == TCP), its)
    if name == "ack_flood":
        return _of_no_connection(frames, same & (frames.destination == host) & (frames.protocol == TCP), its)
    back = np.count_nonzero(same & (frames.source == host) & (frames.protocol == frames.protocol[its[0]]))
    if name == "reflection" and np.isin(frames.source_port[its], NAMES).all() and len(its) < NAMED:
        return False
    wide = name != "wide_reflection" or len(np.unique(frames.source[its])) >= SERVERS
    return bool(name == "icmp_flood" or (wide and back < ANSWERED * len(its)))


def _of_no_connection(frames: _Frames, to_host: Mask, its: Numbers) -> bool:
    """Whether empty segments to a service come each from another end, and next to nothing is carried beside them."""
    _, to_port = np.unique(frames.destination_port[its], return_counts=True)
    ends = len(first_of_each(frames.source[its], frames.source_port[its].astype(np.int64)))
    carrying = np.count_nonzero(to_host & (frames.payload > 0))
    aimed = np.sort(to_port)[-PORTS:].sum()
    least = LEAST["ack_flood"]
    return bool(aimed >= least and ends >= max(least, len(its) / 2) and carrying < FEW_PAYLOADS * len(its))


def _never_spoken(frames: _Frames, is_tcp: Mask, its: Numbers) -> bool:
    """Whether answers reach a host that asked nothing; resetting what it did not ask for is not asking.

    A server that is flooded in many names answers each of them a little; here one host receives them all.
    """
    host, kind = frames.destination[its[0]], frames.flags & (SYN | RST)
    asked = np.count_nonzero(is_tcp & (frames.source == host) & ((frames.flags & RST) == 0))
    other = np.count_nonzero(is_tcp & (frames.destination == host) & (kind == 0))
    return bool(asked < ANSWERED * len(its) and other < len(its) / 2)
