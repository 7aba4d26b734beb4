# SPDX-License-Identifier: Apache-2.0
"""When many packets of one kind to one host are a flood: what is kept of frames to tell, the floors, the judgement.

A download or a call has two directions; a flood has one. What is answered by resets belongs to no connection, and
segments that no TCP sends belong to nothing at all. Who asks in another's name shows at the server that is misused by
answers that go outside and are many times as long as what asked for them.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from giamsat_agent.packets.addresses import Addresses, Identities
from giamsat_agent.packets.batch import ACK, FIN, NOT_IP, ODD, RST, SYN, TCP, UDP, Batch, Mask, OneOf, Words
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.detector import SECOND_NS, first_of_each

LEAST: Final = {
    "syn_flood": 100,
    "udp_flood": 2_000,
    "icmp_flood": 200,
    "reply_flood": 200,
    "reflection": 50,
    "own_reflection": 500,
    "misused": 50,
    "wide_reflection": 50,
    "ack_flood": 500,
    "syn_ack_flood": 200,
    "rst_flood": 500,
    "odd_flood": 200,
    "stray_flood": 500,
}
"""Packets to one host within a second; long answers among hosts inside are often polls whose questions go elsewhere."""
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
AMPLIFIED: Final = 5
"""Times as many bytes as were asked with, from which a server inside is misused against a host outside."""
RESET: Final = 0.5
"""The part of segments that are answered by resets, from which they belong to no connection."""
_REFLECTS, _STREAMS = OneOf(REFLECTORS), OneOf(STREAMS)
_ECHO, _ECHO6, _REPLY, _REPLY6 = OneOf((8,)), OneOf((128,)), OneOf((0,)), OneOf((129,))
NAMES: Final = (53, 5353)
"""Long answers to names are ordinary; unasked ones are told from NAMED a second."""
NAMED: Final = 100
FEW_PAYLOADS: Final = 0.1
"""Segments that carry something, for each that carries nothing: connections that are at work have more."""
WORDS: Final = {
    "syn_flood": ("gói SYN", "SYN segments"),
    "udp_flood": ("gói UDP", "UDP datagrams"),
    "icmp_flood": ("gói ICMP", "ICMP messages"),
    "reply_flood": ("trả lời ICMP không do nó hỏi", "ICMP replies it did not ask for"),
    "reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "own_reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "misused": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "wide_reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "syn_ack_flood": ("gói SYN-ACK không do nó yêu cầu", "SYN-ACK segments it did not ask for"),
    "rst_flood": ("gói RST không thuộc kết nối nào", "RST segments of no connection"),
    "odd_flood": ("gói TCP có cờ bất thường", "segments with flags that no TCP sends"),
    "stray_flood": ("gói TCP không thuộc kết nối nào", "segments of no connection"),
    "ack_flood": ("gói TCP rỗng không thuộc kết nối nào", "empty TCP segments of no connection"),
}


@dataclass(frozen=True, slots=True)
class Frames:
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
    reply: Mask
    opening: Words

    def __len__(self) -> int:
        return len(self.second)

    def those(self, chosen: Mask | slice) -> "Frames":
        """Some of them."""
        return Frames(*(getattr(self, name)[chosen] for name in _COLUMNS))

    def parted(self, chosen: Mask) -> tuple["Frames", "Frames"]:
        """Those and the others: without a copy where these come after those."""
        count = np.count_nonzero(chosen)
        if chosen[:count].all():
            return self.those(slice(count)), self.those(slice(count, None))
        return self.those(chosen), self.those(~chosen)


_COLUMNS: Final = tuple(column.name for column in fields(Frames))


def frames_of(batch: Batch) -> Frames:
    """What is kept of a batch."""
    reflected, echo, reply = (np.zeros(len(batch), bool) for _ in range(3))
    udp = batch.udp[~batch.fragment[batch.udp]]
    reflected[udp] = _REFLECTS.at(batch.source_port[udp]) & (batch.size[udp] > ASKED)
    for places, asks, answers in ((batch.icmp, _ECHO, _REPLY), (batch.icmp6, _ECHO6, _REPLY6)):
        kind = batch.source_port[places]
        # Echoes only: messages of refusal answer somebody else's flood or scan.
        echo[places], reply[places] = asks.at(kind), answers.at(kind)
    return Frames(
        second=batch.time_ns // SECOND_NS,
        time_ns=batch.time_ns,
        number=batch.number,
        source=batch.source,
        destination=batch.destination,
        protocol=np.where(batch.fragment & (batch.protocol == UDP), NOT_IP, batch.protocol).astype(np.int16),
        source_port=batch.source_port.astype(np.int32),
        destination_port=batch.destination_port.astype(np.int32),
        flags=batch.flags.astype(np.int16),
        payload=batch.payload.astype(np.int32),
        reflected=reflected,
        echo=echo,
        reply=reply,
        opening=batch.opening,
    )


def joined(pieces: list[Frames]) -> Frames:
    """Pieces one after the other."""
    if len(pieces) == 1:
        return pieces[0]
    return Frames(*(np.concatenate([getattr(one, name) for one in pieces]) for name in _COLUMNS))


def kinds(frames: Frames, addresses: Addresses) -> dict[str, Mask]:
    """Which frames are of each kind that makes a flood."""
    is_tcp, is_udp = frames.protocol == TCP, frames.protocol == UDP
    turns = frames.flags & (SYN | ACK | RST | FIN)
    acknowledges = is_tcp & ((frames.flags & (SYN | ACK | RST)) == ACK)
    ends = (frames.source, frames.destination)
    from_inside, to_inside = (_inside(frames.reflected, one, addresses) for one in ends)
    found = {
        "syn_flood": is_tcp & (turns == SYN),
        "reflection": frames.reflected & ~(from_inside & to_inside),
        "own_reflection": from_inside & to_inside,
        "misused": from_inside & ~to_inside,
        "wide_reflection": is_udp & _STREAMS.at(frames.source_port) & (frames.payload > ASKED),
        "syn_ack_flood": is_tcp & (turns == SYN | ACK),
        "rst_flood": is_tcp & ((frames.flags & (SYN | RST | FIN)) == RST),
        "udp_flood": is_udp & ~frames.reflected,
        "icmp_flood": frames.echo,
        "reply_flood": frames.reply,
        "ack_flood": acknowledges & (frames.payload == 0),
        "odd_flood": is_tcp & ODD.at(frames.flags),
    }
    if np.count_nonzero(found["rst_flood"]) >= RESET * LEAST["stray_flood"]:
        found["stray_flood"] = acknowledges & (frames.payload > 0)
    return found


def _inside(chosen: Mask, ends: Identities, addresses: Addresses) -> Mask:
    """Which of the chosen have an end inside."""
    found, places = np.zeros(len(chosen), bool), np.flatnonzero(chosen)
    found[places] = addresses.inside(ends[places])
    return found


def is_one_way(frames: Frames, name: str, its: Numbers) -> bool:
    """Whether what went to the host in that second was not what it talks with."""
    return _JUDGES[name](frames, frames.second == frames.second[its[0]], its)


def _is_unacknowledged(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether connections to a few services are begun and not gone on with."""
    host = frames.destination[its[0]]
    acknowledged = same & (frames.destination == host) & (frames.protocol == TCP) & ((frames.flags & ACK) != 0)
    aimed = _aimed(frames, its) >= LEAST["syn_flood"]
    return bool(aimed and np.count_nonzero(acknowledged) < len(its) / 2)


def _never_spoken(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether answers reach a host that asked nothing; resetting what it did not ask for is not asking.

    A server that is flooded in many names answers each of them a little; here one host receives them all.
    """
    host, is_tcp = frames.destination[its[0]], same & (frames.protocol == TCP)
    asked = np.count_nonzero(is_tcp & (frames.source == host) & ((frames.flags & RST) == 0))
    other = np.count_nonzero(is_tcp & (frames.destination == host) & ((frames.flags & (SYN | RST)) == 0))
    return bool(asked < ANSWERED * len(its) and other < len(its) / 2)


def _is_of_no_connection(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether empty segments to a service come each from another end, and next to nothing is carried beside them."""
    host, least = frames.destination[its[0]], LEAST["ack_flood"]
    ends = len(first_of_each(frames.source[its], frames.source_port[its].astype(np.int64)))
    carrying = same & (frames.destination == host) & (frames.protocol == TCP) & (frames.payload > 0)
    few = np.count_nonzero(carrying) < FEW_PAYLOADS * len(its)
    return bool(_aimed(frames, its) >= least and ends >= max(least, len(its) / 2) and few)


def _is_reset(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether the host resets what reaches it."""
    resets = (frames.protocol == TCP) & ((frames.flags & (SYN | RST)) == RST)
    return bool(np.count_nonzero(same & resets & (frames.source == frames.destination[its[0]])) >= RESET * len(its))


def _is_unasked(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether the host sent hardly any echoes that these could be the replies to."""
    return bool(np.count_nonzero(same & frames.echo & (frames.source == frames.destination[its[0]])) < len(its) / 2)


def _is_misused(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether long answers go to a host in whose name something short was asked."""
    port, host = frames.source_port[its[0]], frames.destination[its[0]]
    asks = same & (frames.source == host) & (frames.protocol == UDP) & (frames.destination_port == port)
    enough = port not in NAMES or len(its) >= NAMED
    amplified = frames.payload[its].sum() >= AMPLIFIED * frames.payload[asks].sum()
    return bool(enough and asks.any() and amplified)


def _is_reflected(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether long answers reach a host that hardly asked; long answers to names are ordinary, up to a point."""
    names_only = np.isin(frames.source_port[its], NAMES).all()
    return bool((len(its) >= NAMED or not names_only) and _is_hardly_answered(frames, same, its))


def _is_widely_reflected(frames: Frames, same: Mask, its: Numbers) -> bool:
    return len(np.unique(frames.source[its])) >= SERVERS and _is_hardly_answered(frames, same, its)


def _is_hardly_answered(frames: Frames, same: Mask, its: Numbers) -> bool:
    """Whether next to nothing goes the other way."""
    back = same & (frames.source == frames.destination[its[0]]) & (frames.protocol == frames.protocol[its[0]])
    return bool(np.count_nonzero(back) < ANSWERED * len(its))


def _always(_frames: Frames, _same: Mask, _its: Numbers) -> bool:
    """Nobody needs so many; of datagrams only those are asked about that nobody wants."""
    return True


def _aimed(frames: Frames, its: Numbers) -> int:
    """How many go to the busiest services."""
    _, to_port = np.unique(frames.destination_port[its], return_counts=True)
    return int(np.sort(to_port)[-PORTS:].sum())


_JUDGES: Final[dict[str, Callable[[Frames, Mask, Numbers], bool]]] = {
    "syn_flood": _is_unacknowledged,
    "syn_ack_flood": _never_spoken,
    "rst_flood": _never_spoken,
    "ack_flood": _is_of_no_connection,
    "stray_flood": _is_reset,
    "odd_flood": _always,
    "icmp_flood": _always,
    "udp_flood": _always,
    "reply_flood": _is_unasked,
    "reflection": _is_reflected,
    "own_reflection": _is_reflected,
    "wide_reflection": _is_widely_reflected,
    "misused": _is_misused,
}
