# SPDX-License-Identifier: Apache-2.0
"""Headers of whole chunks at once: link layer, VLAN tags, ARP, IPv4, IPv6, TCP, UDP, ICMP.

Every frame's network header is copied to a row of fixed length. What lies beyond the captured length is set to zero
first, so a short frame never borrows bytes of its neighbour.

A packet inside a tunnel is what is looked at, one level deep: its addresses take the place of the tunnel's ends.
"""

from typing import Final

import numpy as np

from giamsat_agent.packets.addresses import Addresses, Identities
from giamsat_agent.packets.batch import ICMP, ICMP6, NOT_IP, TCP, UDP, UNKNOWN, Arp, Batch, Hello, OneOf, Words
from giamsat_agent.packets.chunk import Bytes, Chunk, Numbers
from giamsat_agent.packets.tunnel import Inner, inside

ETHERNET, RAW, RAW_OLD, SLL, NULL, SLL2, IPV4_ONLY, IPV6_ONLY = 1, 101, 12, 113, 0, 276, 228, 229
IP4, IP6, ARP, PPPOE = 0x0800, 0x86DD, 0x0806, 0x8864
TAGS: Final = OneOf((0x8100, 0x88A8, 0x9100))
TAGS_DEEP: Final = 2
PER_VLAN: Final = np.array([0xAA, 0xAA, 3, 0, 0, 0x0C, 0x01, 0x0B], np.uint8)
"""The LLC and SNAP headers of a BPDU for one VLAN."""
ROW: Final = 128
"""Bytes of a network header that are looked at: IPv6 with extension headers and TCP fit in."""
_HELD: Final = (np.uint8(255) * (np.arange(ROW) < np.arange(ROW + 1)[:, None])).astype(np.uint8).view(np.uint64)
"""Masks of a row, by how many of its bytes were captured."""
_WORD: Final = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], np.uint32)
"""Masks of a word, by how many of its bytes were captured."""
EXTENSIONS: Final = OneOf((0, 43, 44, 51, 60, 135))
"""IPv6 next headers that are followed by another one (RFC 8200, RFC 4302)."""
EXTENSIONS_DEEP: Final = 4
FRAGMENT: Final = 44
AUTHENTICATION: Final = 51


def decode(chunk: Chunk, addresses: Addresses) -> Batch:
    """What the headers of a chunk's frames say."""
    link = _Link(chunk)
    rows = _rows(chunk, link.network_at)
    net = _Network(rows, link.ether_type, addresses)
    head = _head(rows, net.transport)
    inner = inside(net.protocol, head)
    if len(inner.at):
        net.open(chunk, link, rows, inner)
        head = _head(rows, net.transport)
    transport_at = net.transport
    words = head.view(">u2")
    is_tcp, is_udp = net.protocol == TCP, net.protocol == UDP
    is_icmp = (net.protocol == ICMP) | (net.protocol == ICMP6)
    held = np.maximum(chunk.lengths - (link.network_at - chunk.offsets), 0)
    whole = (transport_at < ROW - 20) & (held > transport_at) & ~net.fragment
    has_ports = (is_tcp | is_udp) & whole & (held >= transport_at + 4)
    has_flags = is_tcp & whole & (held >= transport_at + 14)
    header = np.where(is_tcp, (head[:, 12] >> 4).astype(np.int64) * 4, 8)
    header[~(is_tcp | is_udp | is_icmp)] = 0
    carries = whole & (~is_tcp | (has_flags & (header >= 20)))  # noqa: PLR2004 - the least TCP header
    end = np.minimum(held, net.size)
    start = transport_at + header
    payload_at = link.network_at + start
    payload_held = np.where(carries, np.maximum(end - start, 0), 0)
    return Batch(
        data=chunk.data,
        number=np.arange(len(rows), dtype=np.int64) + chunk.first,
        time_ns=chunk.times_ns,
        source_mac=link.source,
        destination_mac=link.destination,
        ether_type=link.ether_type,
        vlan=link.vlan,
        source=net.source,
        destination=net.destination,
        protocol=net.protocol,
        # For ICMP, type and code stand where others have ports.
        source_port=np.where(has_ports, words[:, 0], np.where(is_icmp & whole, head[:, 0], 0)).astype(np.int64),
        destination_port=np.where(has_ports, words[:, 1], np.where(is_icmp & whole, head[:, 1], 0)).astype(np.int64),
        flags=np.where(has_flags, (head[:, 13] & 0x3F).astype(np.int64), UNKNOWN),
        ttl=net.ttl,
        size=net.size,
        payload=np.where(carries, np.maximum(net.size - start, 0), 0),
        transport_at=link.network_at + transport_at,
        payload_at=payload_at,
        held=payload_held,
        opening=_opening(chunk.data, payload_at, payload_held),
        fragment=net.fragment,
        parts=net.parts,
        arp=_arp(rows, link.ether_type, held),
        hello=_hello(rows, link.ether_type, held),
        addresses=addresses,
    )


class _Link:
    """The link layer: who sends to whom, what is inside, and where it begins."""

    def __init__(self, chunk: Chunk) -> None:
        data, at = chunk.data, chunk.offsets
        count = len(at)
        self.source: Identities = np.zeros(count, np.uint64)
        self.destination: Identities = np.zeros(count, np.uint64)
        self.vlan = np.zeros(count, np.int64) if chunk.vlans is None else chunk.vlans.copy()
        self.ether_type = np.zeros(count, np.int64)
        self.network_at = at.copy()
        kind = chunk.link_type
        if kind == ETHERNET:
            self._ethernet(chunk)
        elif kind == SLL:
            self._fixed(data, at, type_at=14, header=16)
        elif kind == SLL2:
            self._fixed(data, at, type_at=0, header=20)
        elif kind in {RAW, RAW_OLD, 14, IPV4_ONLY, IPV6_ONLY, NULL, 108}:
            self.network_at = at + (4 if kind in {NULL, 108} else 0)
            version = _byte(data, self.network_at) >> 4
            self.ether_type = np.where(version == 4, IP4, np.where(version == 6, IP6, 0))  # noqa: PLR2004 - IP versions
        self._untagged(data)
        self._below_pppoe(data)
        short = self.network_at - at >= chunk.lengths
        self.ether_type[short] = 0

    def replace(self, at: Numbers, other: "_Link", known: Numbers) -> None:
        """Some frames are what the link inside says; addresses and VLAN stay where that has none."""
        self.ether_type[at], self.network_at[at] = other.ether_type[known], other.network_at[known]
        for name in ("source", "destination", "vlan"):
            column, inner = getattr(self, name), getattr(other, name)[known]
            column[at] = np.where(inner > 0, inner, column[at])

    def _ethernet(self, chunk: Chunk) -> None:
        data, at = chunk.data, chunk.offsets
        head = _gather(data, at, 14)
        head[chunk.lengths < 14] = 0  # noqa: PLR2004 - an Ethernet header
        wide = np.zeros((len(at), 16), np.uint8)
        wide[:, 2:8], wide[:, 10:16] = head[:, :6], head[:, 6:12]
        macs = wide.view(">u8").astype(np.uint64)
        self.destination, self.source = macs[:, 0], macs[:, 1]
        self.ether_type = (head[:, 12].astype(np.int64) << 8) | head[:, 13]
        self.network_at = at + 14

    def _untagged(self, data: Bytes) -> None:
        for _ in range(TAGS_DEEP):
            tagged = np.flatnonzero(TAGS.at(self.ether_type))
            if not len(tagged):
                return
            places = self.network_at[tagged]
            self.vlan[tagged] = _word(data, places) & 0x0FFF
            self.ether_type[tagged] = _word(data, places + 2)
            self.network_at[tagged] += 4

    def _fixed(self, data: Bytes, at: Numbers, *, type_at: int, header: int) -> None:
        self.ether_type = _word(data, at + type_at)
        self.network_at = at + header

    def _below_pppoe(self, data: Bytes) -> None:
        inside = np.flatnonzero(self.ether_type == PPPOE)
        if len(inside):
            protocol = _word(data, self.network_at[inside] + 6)
            self.ether_type[inside] = np.where(protocol == 0x21, IP4, np.where(protocol == 0x57, IP6, 0))  # noqa: PLR2004 - PPP
            self.network_at[inside] += 8


class _Network:
    """IPv4 and IPv6."""

    def __init__(self, rows: Bytes, ether_type: Numbers, addresses: Addresses) -> None:
        count = len(rows)
        self._addresses = addresses
        version = rows[:, 0] >> 4
        four = (ether_type == IP4) & (version == 4)  # noqa: PLR2004 - IP versions
        six = np.flatnonzero((ether_type == IP6) & (version == 6))  # noqa: PLR2004
        words, longs = rows.view(">u2"), rows.view(">u4")
        self.source = np.where(four, longs[:, 3], 0).astype(np.uint64)
        self.destination = np.where(four, longs[:, 4], 0).astype(np.uint64)
        self.protocol = np.where(four, rows[:, 9].astype(np.int64), NOT_IP)
        self.ttl = np.where(four, rows[:, 8], 0).astype(np.int64)
        self.size = np.where(four, words[:, 1], 0).astype(np.int64)
        self.transport = np.where(four, (rows[:, 0] & 15).astype(np.int64) * 4, 0)
        self.fragment = four & ((words[:, 3] & 0x1FFF) != 0)
        self.parts = self.fragment | (four & ((words[:, 3] & 0x2000) != 0))
        bad = four & (self.transport < 20)  # noqa: PLR2004 - the least header
        self.protocol[bad] = NOT_IP
        if len(six):
            self._six(rows[six], six, addresses)
        assert len(self.protocol) == count  # noqa: S101 - columns keep their length

    def _six(self, rows: Bytes, at: Numbers, addresses: Addresses) -> None:
        ends = np.ascontiguousarray(rows[:, 8:40]).view(np.uint64).reshape(-1, 4)
        self.source[at] = addresses.identify(np.ascontiguousarray(ends[:, :2]))
        self.destination[at] = addresses.identify(np.ascontiguousarray(ends[:, 2:]))
        self.ttl[at] = rows[:, 7]
        self.size[at] = rows.view(">u2")[:, 2].astype(np.int64) + 40
        following, place = rows[:, 6].astype(np.int64), np.full(len(rows), 40, np.int64)
        fragment = np.zeros(len(rows), bool)
        for _ in range(EXTENSIONS_DEEP):
            more = np.flatnonzero(EXTENSIONS.at(following) & (place < ROW - 28))
            if not len(more):
                break
            kind, here = following[more], place[more]
            length = rows[more, here + 1].astype(np.int64)
            step = np.where(kind == FRAGMENT, 8, np.where(kind == AUTHENTICATION, (length + 2) * 4, (length + 1) * 8))
            offset = (rows[more, here + 2].astype(np.int64) << 8 | rows[more, here + 3]) & 0xFFF8
            fragment[more] |= (kind == FRAGMENT) & (offset != 0)
            following[more] = rows[more, here]
            place[more] = np.minimum(here + step, ROW)
        self.protocol[at], self.transport[at], self.fragment[at] = following, place, fragment

    def open(self, chunk: Chunk, link: _Link, rows: Bytes, inner: Inner) -> None:
        """Look at the packet inside, where there is one that can be read."""
        for kind, chosen in ((RAW, ~inner.bridged), (ETHERNET, inner.bridged)):
            at, begins = inner.at[chosen], (self.transport[inner.at] + inner.begins)[chosen]
            carries = (begins < self.size[at]) & ~self.fragment[at]
            at, begins = at[carries], begins[carries]
            if not len(at):
                continue
            start = link.network_at[at] + begins
            held = np.minimum(chunk.lengths[at] - (start - chunk.offsets[at]), self.size[at] - begins)
            part = Chunk(chunk.data, start, np.maximum(held, 0), chunk.times_ns[at], kind, chunk.first)
            under = _Link(part)
            its = _rows(part, under.network_at)
            packets = _Network(its, under.ether_type, self._addresses)
            known = np.flatnonzero((packets.protocol != NOT_IP) | (under.ether_type == ARP))
            rows[at[known]] = its[known]
            link.replace(at[known], under, known)
            self._replace(at[known], packets, known)

    def _replace(self, at: Numbers, other: "_Network", known: Numbers) -> None:
        """Some packets are those inside."""
        for name in ("source", "destination", "protocol", "ttl", "size", "transport", "fragment", "parts"):
            getattr(self, name)[at] = getattr(other, name)[known]


def _head(rows: Bytes, transport: Numbers) -> Bytes:
    """The 20 bytes behind the IP header."""
    if not len(rows):
        return np.zeros((0, 20), np.uint8)
    return _gather(rows.reshape(-1), np.arange(len(rows)) * ROW + np.minimum(transport, ROW - 20), 20)


def _arp(rows: Bytes, ether_type: Numbers, held: Numbers) -> Arp:
    kind = rows[:, :6].astype(np.int64)
    ethernet = (kind[:, 1] == 1) & (kind[:, 2] == 8) & (kind[:, 4] == 6) & (kind[:, 5] == 4)  # noqa: PLR2004 - RFC 826
    at = np.flatnonzero((ether_type == ARP) & (held >= 28) & ethernet)  # noqa: PLR2004 - its length
    some = rows[at]
    wide = np.zeros((len(at), 8), np.uint8)
    wide[:, 2:] = some[:, 8:14]
    return Arp(
        at=at,
        operation=some[:, 7].astype(np.int64),
        sender_mac=wide.view(">u8")[:, 0].astype(np.uint64),
        sender_ip=_long(some, 14),
        target_ip=_long(some, 24),
    )


def _hello(rows: Bytes, length: Numbers, held: Numbers) -> Hello:
    """BPDUs below LLC, where a frame has its length in place of a type."""
    framed = np.flatnonzero((length > 0) & (length <= 1500) & (held >= 38))  # noqa: PLR2004 - IEEE 802.3; header and BPDU
    some = rows[framed]
    plain = (some[:, 0] == 0x42) & (some[:, 1] == 0x42)  # noqa: PLR2004 - bridges' own address
    by_vlan = (some[:, :8] == PER_VLAN).all(axis=1)
    begins = np.where(by_vlan, 8, 3)
    body = np.take_along_axis(some, begins[:, None] + np.arange(13), axis=1)
    tells = (plain | by_vlan) & (body[:, :2] == 0).all(axis=1) & ((body[:, 3] == 0) | (body[:, 3] == 2))  # noqa: PLR2004
    root = np.ascontiguousarray(body[tells, 5:]).view(">u8")[:, 0].astype(np.uint64)
    return Hello(at=framed[tells], root=root)


def _rows(chunk: Chunk, at: Numbers) -> Bytes:
    """The first ROW bytes of every network header, zero where nothing was captured."""
    rows = _gather(chunk.data, at, ROW)
    held = chunk.lengths - (at - chunk.offsets)
    short = np.flatnonzero(held < ROW)
    if len(short):
        rows.view(np.uint64)[short] &= _HELD[held[short].clip(0)]
    return rows


def _opening(data: Bytes, at: Numbers, held: Numbers) -> Words:
    """The first four bytes of what each frame carries, zero where nothing was captured."""
    found = np.zeros(len(at), np.uint32)
    some = np.flatnonzero(held > 0)
    found[some] = _gather(data, at[some], 4).reshape(-1).view("<u4") & _WORD[np.minimum(held[some], 4)]
    return found


def _gather(data: Bytes, at: Numbers, width: int) -> Bytes:
    """`width` bytes from each place: one copy per frame, not one per byte."""
    view = np.ndarray((len(data) - width + 1,), dtype=f"V{width}", buffer=data, strides=(1,))
    taken: Bytes = view[np.minimum(at, len(view) - 1)].view(np.uint8).reshape(-1, width)
    return taken


def _byte(data: Bytes, at: Numbers) -> Numbers:
    return data[np.minimum(at, len(data) - 1)].astype(np.int64)


def _word(data: Bytes, at: Numbers) -> Numbers:
    return _byte(data, at) << 8 | _byte(data, at + 1)


def _long(rows: Bytes, at: int) -> Identities:
    return np.ascontiguousarray(rows[:, at : at + 4]).view(">u4")[:, 0].astype(np.uint64)
