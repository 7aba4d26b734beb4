# SPDX-License-Identifier: Apache-2.0
"""What the headers of many frames say, column by column; one place in every column is one frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import Bytes, Numbers, longs_at, true_at
from giamsat_agent.packets.columns.addresses import Addresses, Identities
from giamsat_agent.packets.columns.below_ip import Arp, Hello
from giamsat_agent.packets.columns.link import Link
from giamsat_agent.packets.columns.message import Message, messages
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import HTTP, Words, asks_web
from giamsat_agent.packets.columns.talks import end_of, talk_of, way_of
from giamsat_agent.packets.columns.trains import Trains
from giamsat_agent.packets.payloads.handshake import Greeting

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
UNKNOWN = 64
"""In place of the flags where they were not captured, or the frame is not TCP."""
UNSAID: Final = -1
"""In place of the window, likewise."""
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
NOT_IP = -1
DNS: Final = 53
DNS_MESSAGES: Final = 4_096

Mask = npt.NDArray[np.bool_]
Column = Numbers | Identities
_NOWHERE: Final[Numbers] = np.zeros(0, np.int64)


def is_odd(flags: Numbers) -> Mask:
    """Which are flags of segments that no TCP sends.

    Every segment acknowledges but the first of a connection and a reset, and none both begins and ends one (RFC 9293,
    sections 3.4 and 3.10.7).
    """
    bare = (flags & (SYN | RST | ACK | UNKNOWN)) == 0
    odd: Mask = bare | (((flags & SYN) != 0) & ((flags & (FIN | RST)) != 0))
    return odd


def _those(places: Numbers, chosen: Mask) -> Numbers:
    some: Numbers = places[chosen]
    return some


@dataclass(frozen=True)
class Batch:
    """Decoded frames. What a frame does not have, or was not captured of it, is 0; `protocol` is then NOT_IP.

    `window` is the room a TCP segment's sender says it has, in its own unit.
    `size` is the length of the IP packet by its own header, `payload` that of what TCP, UDP or ICMP carries; `held`
    is how much of the payload was captured, at `payload_at` in `data`, and `opening` its first four bytes as one
    little-endian number. `parts` are pieces of IPv4 packets, `fragment` those but the first. `greetings` are the parts
    of TLS handshakes that came to their end in these frames.
    """

    data: Bytes
    number: Numbers
    time_ns: Numbers
    link: Link
    vlan: Numbers
    source: Identities
    destination: Identities
    protocol: Numbers
    source_port: Numbers
    destination_port: Numbers
    flags: Numbers
    window: Numbers
    ttl: Numbers
    size: Numbers
    payload: Numbers
    transport_at: Numbers
    payload_at: Numbers
    held: Numbers
    opening: Words
    fragment: Mask
    parts: Mask
    arp: Arp
    hello: Hello
    addresses: Addresses
    greetings: tuple[Greeting, ...] = ()

    def __len__(self) -> int:
        return len(self.time_ns)

    def any_of(self, *places: Numbers) -> Numbers:
        """The places that are among any of these, each once and in their order."""
        if not any(map(len, places)):
            return _NOWHERE
        chosen = np.zeros(len(self), bool)
        for some in places:
            chosen[some] = True
        return true_at(chosen)

    def rows(self, places: Numbers, *columns: Column) -> Iterator[tuple[int, ...]]:
        """Each of these places, and what the columns have there: far cheaper than asking a column for each number."""
        if not len(places):
            return iter(())
        return zip(places.tolist(), *(column[places].tolist() for column in columns), strict=True)

    def content(self, place: int) -> bytes:
        """The captured part of the payload of one frame."""
        start = int(self.payload_at[place])
        return self.octets[start : start + int(self.held[place])].tobytes()

    @property
    def source_mac(self) -> Identities:
        """The Ethernet address of each frame's sender."""
        return self.link.source

    @property
    def destination_mac(self) -> Identities:
        """The Ethernet address each frame is sent to."""
        return self.link.destination

    @cached_property
    def octets(self) -> memoryview:
        """The bytes of the chunk: of these a few are taken sooner than of the array."""
        return self.data.data

    @cached_property
    def tcp(self) -> Numbers:
        """The places of TCP segments, as of everything below in their order."""
        return true_at(self.protocol == TCP)

    @cached_property
    def udp(self) -> Numbers:
        """The places of UDP datagrams and their pieces."""
        return true_at(self.protocol == UDP)

    @cached_property
    def other(self) -> Numbers:
        """The places of everything else: few of all."""
        return true_at((self.protocol != TCP) & (self.protocol != UDP))

    def of(self, protocol: int) -> Numbers:
        """The places of a protocol that is neither TCP nor UDP."""
        return _those(self.other, self.protocol[self.other] == protocol)

    @cached_property
    def icmp(self) -> Numbers:
        """The places of ICMP messages."""
        return self.of(ICMP)

    @cached_property
    def icmp6(self) -> Numbers:
        """The places of ICMPv6 messages."""
        return self.of(ICMP6)

    @cached_property
    def trains(self) -> Trains:
        """The frames of one talk that follow one another."""
        return Trains(self.source, self.destination, self.source_port, self.destination_port, self.protocol)

    @cached_property
    def talks(self) -> Identities:
        """A number for what each train is part of: one protocol between two ends, in both directions."""
        return talk_of(*self._ends, self.protocol[self.trains.begins])

    @cached_property
    def talk(self) -> Identities:
        """The same for each frame."""
        return np.repeat(self.talks, self.trains.lengths)

    @cached_property
    def way(self) -> Identities:
        """The same for one direction."""
        return way_of(self.talk, np.repeat(self.sides, self.trains.lengths) ^ self.trains.turned)

    @cached_property
    def sides(self) -> Mask:
        """From which of the two ends of its talk each train was begun."""
        near, far = self._ends
        sides: Mask = near > far
        return sides

    @cached_property
    def _ends(self) -> tuple[Identities, Identities]:
        """Numbers for who sent the first frame of each train and from which port, and for who is to receive it."""
        at, protocol = self.trains.begins, self.protocol[self.trains.begins]
        # ICMP has no ports.
        ported = (protocol == TCP) | (protocol == UDP)
        ends = ((self.source, self.source_port), (self.destination, self.destination_port))
        near, far = (end_of(host[at], port[at] * ported) for host, port in ends)
        return near, far

    @cached_property
    def turns(self) -> Numbers:
        """The places of TCP segments that begin, accept, end or reset a connection: few of all."""
        return true_at((self.flags & (SYN | FIN | RST)) != 0)

    @cached_property
    def cut(self) -> Numbers:
        """The places of TCP segments, and of pieces of them, whose flags were not captured."""
        return true_at((self.flags == UNKNOWN) & (self.protocol == TCP))

    @cached_property
    def odd(self) -> Numbers:
        """The places of TCP segments with flags that no TCP sends."""
        return true_at(is_odd(self.flags) & (self.protocol == TCP))

    @cached_property
    def from_inside(self) -> Mask:
        """Which frames have a sender that is inside, as `Addresses.inside` says."""
        return self.addresses.inside(self.source)

    @cached_property
    def to_inside(self) -> Mask:
        """Which frames have a receiver that is."""
        return self.addresses.inside(self.destination)

    @cached_property
    def arrivals(self) -> Numbers:
        """The places of TCP segments and UDP datagrams that come from outside to the inside."""
        return true_at(((self.protocol == TCP) | (self.protocol == UDP)) & self.to_inside & ~self.from_inside)

    @cached_property
    def begins(self) -> Numbers:
        """The places of segments that ask for a connection."""
        kind = self.flags[self.turns] & (SYN | ACK | RST | FIN)
        return _those(self.turns, kind == SYN)

    @cached_property
    def accepts(self) -> Numbers:
        """The places of segments that accept one, whatever other flags they have."""
        kind = self.flags[self.turns] & (SYN | ACK)
        return _those(self.turns, kind == SYN | ACK)

    @cached_property
    def spoken(self) -> Numbers:
        """The places of TCP segments of whose payload something was captured."""
        return true_at((self.held > 0) & (self.protocol == TCP))

    @cached_property
    def said(self) -> Words:
        """The openings of those segments."""
        return self.opening[self.spoken]

    @cached_property
    def web(self) -> Numbers:
        """The places of segments that begin as a request or an answer of HTTP does."""
        return _those(self.spoken, asks_web(self.said) | (self.said == HTTP))

    def spoken_at(self, ports: OneOf) -> Numbers:
        """The places of `spoken` where one of the two ports is one of these: looked for train by train."""
        own, other = self._train_ports
        chosen = ports.at(own) | ports.at(other)
        return _those(self.spoken, chosen[self._spoken_in]) if chosen.any() else chosen.nonzero()[0]

    @cached_property
    def _train_ports(self) -> tuple[Numbers, Numbers]:
        """The ports of the first frame of each train."""
        at = self.trains.begins
        return self.source_port[at], self.destination_port[at]

    @cached_property
    def _spoken_in(self) -> Numbers:
        """In which train each of `spoken` is."""
        return self.trains.of[self.spoken]

    @cached_property
    def dns(self) -> tuple[Message, ...]:
        """The DNS messages of these frames that have a question that can be read, over datagrams or streams.

        They are read once, when they are first asked for; DNS_MESSAGES of them at most.
        """
        aimed = true_at((self.destination_port == DNS) | (self.source_port == DNS))
        ported = (self.protocol[aimed] == UDP) | (self.protocol[aimed] == TCP)
        places = aimed[ported & (self.held[aimed] > 0)][:DNS_MESSAGES]
        ends = (self.source, self.destination, self.source_port, self.destination_port)
        columns = (self.payload_at, self.held, self.payload, self.time_ns, self.number, *ends, self.protocol)
        return tuple(messages(self.octets, self.rows(places, *columns)))

    def acknowledged(self, places: Numbers) -> Numbers:
        """Up to where TCP segments whose flags were captured acknowledge what they were sent (RFC 9293)."""
        return longs_at(self.data, self.transport_at[places] + 8)

    def sequences(self, places: Numbers) -> Numbers:
        """The numbers of the first bytes of such segments."""
        return longs_at(self.data, self.transport_at[places] + 4)

    def sequence(self, place: int) -> int:
        """The number of the first byte of a TCP segment (RFC 9293)."""
        start = int(self.transport_at[place]) + 4
        return int.from_bytes(self.data[start : start + 4].tobytes())
