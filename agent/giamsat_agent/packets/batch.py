# SPDX-License-Identifier: Apache-2.0
"""What the headers of many frames say, column by column; one place in every column is one frame."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.addresses import Addresses, Identities
from giamsat_agent.packets.chunk import Bytes, Numbers, longs_at, true_at
from giamsat_agent.packets.handshake import Greeting
from giamsat_agent.packets.names import Question, question
from giamsat_agent.packets.talks import end_of, talk_of, way_of

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
UNKNOWN = 64
"""In place of the flags where they were not captured, or the frame is not TCP."""
UNSAID: Final = -1
"""In place of the window, likewise."""
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
NOT_IP = -1
DNS: Final = 53
REQUESTS: Final = np.frombuffer(b"GET POSTHEADPUT DELEPATCOPTI", "<u4")
HTTP: Final = int.from_bytes(b"HTTP", "little")
"""How answers begin, as `opening` has it; requests begin with their method."""
DNS_MESSAGES: Final = 4_096
STREAM_PREFIX: Final = 2
"""Bytes before a message over TCP: its length (RFC 1035, section 4.2.2)."""

Mask = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint32]
Column = Numbers | Identities


class OneOf:
    """Which frames have one of a few numbers in a column of ports, protocols, flags or types.

    A table of all numbers answers in one step; np.isin would make such a table anew each time.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        """`numbers` are NOT_IP, or at least 0 and below 2^16."""
        self._wanted = np.zeros((1 << 16) + 1, bool)
        self._wanted[list(numbers)] = True

    def at(self, column: Numbers) -> Mask:
        """Where the column has one of them."""
        return self._wanted[column]


ODD: Final = OneOf(
    flags for flags in range(UNKNOWN) if not flags & (SYN | RST | ACK) or (flags & SYN and flags & (FIN | RST))
)
"""Flags of segments that no TCP sends: every segment acknowledges but the first of a connection and a reset, and none
both begins and ends one (RFC 9293, sections 3.4 and 3.10.7)."""


_FIRST: Final = np.isin(np.arange(256), REQUESTS & 0xFF)
"""With which bytes requests begin."""


def asks_web(opening: Words) -> Mask:
    """Which of these openings are those of a request of HTTP (RFC 9110, RFC 5789)."""
    found: Mask = _FIRST[opening & 0xFF]
    some = true_at(found)
    found[some] = (opening[some, None] == REQUESTS).any(axis=1)
    return found


def _those(places: Numbers, chosen: Mask) -> Numbers:
    some: Numbers = places[chosen]
    return some


@dataclass(frozen=True, slots=True)
class Arp:
    """ARP frames for IPv4 over Ethernet; `at` is the frame's place in the batch."""

    at: Numbers
    operation: Numbers
    sender_mac: Identities
    sender_ip: Identities
    target_ip: Identities


@dataclass(frozen=True, slots=True)
class Hello:
    """What bridges tell each other (BPDUs of IEEE 802.1D, or one for each VLAN); `root` is priority and address."""

    at: Numbers
    root: Identities


class Message(msgspec.Struct, frozen=True, gc=False):
    """A DNS message of the frame at `place`, with what the columns have there; `content` begins with its own header."""

    question: Question
    content: bytes
    place: int
    at_ns: int
    number: int
    source: int
    destination: int
    source_port: int
    destination_port: int
    protocol: int


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
    source_mac: Identities
    destination_mac: Identities
    ether_type: Numbers
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
    def talk(self) -> Identities:
        """A number for what each frame is part of: one protocol between two ends, in both directions."""
        return talk_of(*self._ends, self.protocol)

    @cached_property
    def way(self) -> Identities:
        """The same for one direction."""
        return way_of(self.talk, *self._ends)

    @cached_property
    def _ends(self) -> tuple[Identities, Identities]:
        """Numbers for who sent each frame and from which port, and who is to receive it; ICMP has no ports."""
        ports = (self.source_port, self.destination_port)
        if len(self.other):
            ports = (ports[0].copy(), ports[1].copy())
            ports[0][self.other] = ports[1][self.other] = 0
        return end_of(self.source, ports[0]), end_of(self.destination, ports[1])

    @cached_property
    def turns(self) -> Numbers:
        """The places of TCP segments that begin, accept, end or reset a connection: few of all."""
        return true_at((self.flags & (SYN | FIN | RST)) != 0)

    @cached_property
    def cut(self) -> Numbers:
        """The places of TCP segments, and of pieces of them, whose flags were not captured."""
        return true_at((self.flags == UNKNOWN) & (self.protocol == TCP))

    @cached_property
    def arrivals(self) -> Numbers:
        """The places of TCP segments and UDP datagrams that come from outside to the inside."""
        carried, inside = true_at((self.protocol == TCP) | (self.protocol == UDP)), self.addresses.inside
        come = _those(carried, ~inside(self.source[carried]))
        return _those(come, inside(self.destination[come]))

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
        return _those(self.tcp, self.held[self.tcp] > 0)

    @cached_property
    def web(self) -> Numbers:
        """The places of segments that begin as a request or an answer of HTTP does."""
        opening = self.opening[self.spoken]
        return _those(self.spoken, asks_web(opening) | (opening == HTTP))

    @cached_property
    def dns(self) -> tuple[Message, ...]:
        """The DNS messages of these frames that have a question that can be read, over datagrams or streams.

        They are read once, when they are first asked for; DNS_MESSAGES of them at most.
        """
        found = []
        aimed = true_at((self.destination_port == DNS) | (self.source_port == DNS))
        ported = (self.protocol[aimed] == UDP) | (self.protocol[aimed] == TCP)
        places = aimed[ported & (self.held[aimed] > 0)][:DNS_MESSAGES]
        ends = (self.source, self.destination, self.source_port, self.destination_port)
        seen = self.rows(places, self.time_ns, self.number, *ends, self.protocol)
        carried = self.rows(places, self.payload_at, self.held, self.payload)
        for row, (_, start, held, payload) in zip(seen, carried, strict=True):
            content = self.octets[start : start + held].tobytes()
            if row[-1] == TCP:
                # A segment holds a message from its beginning, or is of no use.
                whole = int.from_bytes(content[:STREAM_PREFIX]) + STREAM_PREFIX == payload
                content = content[STREAM_PREFIX:] if whole else b""
            if (asked := question(content)) is not None:
                found.append(Message(asked, content, *row))
        return tuple(found)

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
