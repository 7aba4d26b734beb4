# SPDX-License-Identifier: Apache-2.0
"""Headers of whole chunks at once, behind the link layer: ARP, BPDUs, IPv4, IPv6, TCP, UDP, ICMP.

Every frame's network header is copied to a row of fixed length, and so is what stands behind it. What lies beyond the
captured length is set to zero first, so a short frame never borrows bytes of its neighbour.

A packet inside a tunnel is what is looked at, one level deep: its addresses take the place of the tunnel's ends.
"""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Bytes, Chunk, Numbers, true_at
from giamsat_agent.packets.columns.addresses import Addresses, Identities
from giamsat_agent.packets.columns.batch import ICMP, ICMP6, NOT_IP, TCP, UDP, UNKNOWN, UNSAID, Batch
from giamsat_agent.packets.columns.below_ip import arp, hello
from giamsat_agent.packets.columns.link import ARP, ETHERNET, IP4, IP6, RAW, Link, captured
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import Words
from giamsat_agent.packets.columns.tunnel import Inner, inside

HEAD: Final = 20
"""Bytes of an IPv4 header without options, and those that are looked at behind it: a TCP header without options."""
DEEP: Final = 128
"""Bytes of an IPv6 header with its extensions that are looked at."""
REACH: Final = DEEP - HEAD
"""What begins further behind is not looked for."""
ICMPS: Final = OneOf((ICMP, ICMP6))
EXTENSIONS: Final = OneOf((0, 43, 44, 51, 60, 135))
"""IPv6 next headers that are followed by another one (RFC 8200, RFC 4302)."""
EXTENSIONS_DEEP: Final = 4
FRAGMENT: Final = 44
AUTHENTICATION: Final = 51
PIECE, LATER_PIECE = (int(np.array([bits], ">u2").view(np.uint16)[0]) for bits in (0x3FFF, 0x1FFF))
"""Bits of an IPv4 header in the order of the wire: any of them in a piece of a packet, or in one but the first."""


def decode(chunk: Chunk, addresses: Addresses) -> Batch:
    """What the headers of a chunk's frames say."""
    link = Link(chunk)
    net = _Network(chunk.data, link, addresses)
    head = net.head(chunk.data, link)
    inner = inside(net.protocol, head)
    if len(inner.at):
        net.open(chunk, link, inner)
        head = net.head(chunk.data, link)
    top, other = _Transport(link, net, head), true_at(link.ether_type != IP4)
    return Batch(
        data=chunk.data,
        number=np.arange(chunk.first, chunk.first + len(chunk.offsets), dtype=np.int64),
        time_ns=chunk.times_ns,
        link=link,
        vlan=link.vlan,
        source=net.source,
        destination=net.destination,
        protocol=net.protocol,
        source_port=top.source_port,
        destination_port=top.destination_port,
        flags=top.flags,
        window=top.window,
        ttl=net.ttl,
        size=net.size,
        payload=top.payload,
        transport_at=top.at,
        payload_at=top.payload_at,
        held=top.held,
        opening=_opening(chunk.data, top.payload_at, top.held),
        fragment=net.fragment,
        parts=net.parts,
        arp=arp(net.rows, link, other),
        hello=hello(net.rows, link, other),
        addresses=addresses,
    )


class _Network:
    """IPv4 and IPv6; `rows` are the beginnings of their headers, or of what there is instead."""

    def __init__(self, data: Bytes, link: Link, addresses: Addresses) -> None:
        self._addresses = addresses
        self.rows = rows = link.rows
        begin, words, longs = rows[:, 0].copy(), rows.view(">u2"), rows.view(">u4")
        four = (link.ether_type == IP4) & (begin & 0xF0 == 0x40)  # noqa: PLR2004 - IP versions
        self.source: Identities = longs[:, 3].astype(np.uint64)
        self.destination: Identities = longs[:, 4].astype(np.uint64)
        self.protocol: Numbers = rows[:, 9].astype(np.int16)
        self.ttl: Numbers = rows[:, 8].copy()
        self.size: Numbers = words[:, 1].astype(np.int32)
        self.transport: Numbers = ((begin & 15) << 2).astype(np.int32)
        self.fragment, self.parts = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
        cut = rows.view(np.uint16)[:, 3]
        pieces = true_at(four & (cut & PIECE != 0))
        if len(pieces):
            self.parts[pieces], self.fragment[pieces] = True, cut[pieces] & LATER_PIECE != 0
        other = true_at(~four)
        if len(other):
            for column in (self.source, self.destination, self.ttl, self.size, self.transport):
                column[other] = 0
        self.protocol[true_at(self.transport < HEAD)] = NOT_IP
        six = other[(link.ether_type[other] == IP6) & (begin[other] & 0xF0 == 0x60)]  # noqa: PLR2004
        if len(six):
            self._six(captured(data, link.network_at[six], link.held[six], DEEP), six, addresses)

    def _six(self, rows: Bytes, at: Numbers, addresses: Addresses) -> None:
        ends = np.ascontiguousarray(rows[:, 8:40]).view(np.uint64).reshape(-1, 4)
        self.source[at] = addresses.identify(np.ascontiguousarray(ends[:, :2]))
        self.destination[at] = addresses.identify(np.ascontiguousarray(ends[:, 2:]))
        self.ttl[at] = rows[:, 7]
        self.size[at] = rows.view(">u2")[:, 2].astype(np.int64) + 40
        following, place = rows[:, 6].astype(np.int64), np.full(len(rows), 40, np.int64)
        fragment = np.zeros(len(rows), bool)
        for _ in range(EXTENSIONS_DEEP):
            more = true_at(EXTENSIONS.at(following) & (place < DEEP - 28))
            if not len(more):
                break
            kind, here = following[more], place[more]
            length = rows[more, here + 1].astype(np.int64)
            step = np.where(kind == FRAGMENT, 8, np.where(kind == AUTHENTICATION, (length + 2) * 4, (length + 1) * 8))
            offset = (rows[more, here + 2].astype(np.int64) << 8 | rows[more, here + 3]) & 0xFFF8
            fragment[more] |= (kind == FRAGMENT) & (offset != 0)
            following[more] = rows[more, here]
            place[more] = np.minimum(here + step, DEEP)
        self.protocol[at], self.transport[at], self.fragment[at] = following, place, fragment

    def head(self, data: Bytes, link: Link) -> Bytes:
        """The bytes behind the IP header; most have been copied with it."""
        head = self.rows[:, HEAD:]
        other = true_at(self.transport != HEAD)
        if len(other):
            begins = self.transport[other]
            head = head.copy()
            head[other] = captured(data, link.network_at[other] + begins, link.held[other] - begins, HEAD)
        return head

    def open(self, chunk: Chunk, link: Link, inner: Inner) -> None:
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
            under = Link(part)
            packets = _Network(chunk.data, under, self._addresses)
            known = true_at((packets.protocol != NOT_IP) | (under.ether_type == ARP))
            link.replace(at[known], under, known)
            self._replace(at[known], packets, known)

    def _replace(self, at: Numbers, other: "_Network", known: Numbers) -> None:
        """Some packets are those inside."""
        for name in ("rows", "source", "destination", "protocol", "ttl", "size", "transport", "fragment", "parts"):
            getattr(self, name)[at] = getattr(other, name)[known]


class _Transport:
    """TCP, UDP and ICMP. For ICMP, type and code stand where others have ports."""

    def __init__(self, link: Link, net: _Network, head: Bytes) -> None:
        words = head.view(">u2")
        self.source_port: Numbers = words[:, 0].astype(np.uint16)
        self.destination_port: Numbers = words[:, 1].astype(np.uint16)
        self.flags: Numbers = head[:, 13] & 0x3F
        self.window: Numbers = words[:, 7].astype(np.int32)
        self._header: Numbers = (head[:, 12] >> 2 & 0x3C).astype(np.int32)
        room = link.held - net.transport
        whole = (room > 0) & (net.transport < REACH) & ~net.fragment
        self._carries = whole & (self._header >= HEAD)
        other = true_at(~((net.protocol == TCP) & whole & (room >= HEAD)))
        if len(other):
            self._amend(other, net.protocol[other], room[other] * whole[other], head[other])
        start = net.transport + self._header
        self.at, self.payload_at = link.network_at + net.transport, link.network_at + start
        self.payload: Numbers = np.maximum(net.size - start, 0)
        self.held: Numbers = np.maximum(np.minimum(link.held, net.size) - start, 0)
        silent = true_at(~self._carries)
        self.payload[silent] = self.held[silent] = 0

    def _amend(self, at: Numbers, protocol: Numbers, room: Numbers, head: Bytes) -> None:
        """What was read as a whole TCP header and is none; `room` is how much of it was captured."""
        is_tcp, is_icmp = protocol == TCP, ICMPS.at(protocol)
        ported = is_tcp | (protocol == UDP)
        has_ports, has_kind, has_flags = ported & (room >= 4), is_icmp & (room > 0), is_tcp & (room >= 14)  # noqa: PLR2004
        for place, column in enumerate((self.source_port, self.destination_port)):
            column[at] = np.where(has_ports, column[at], np.where(has_kind, head[:, place], 0))
        self.flags[at] = np.where(has_flags, self.flags[at], UNKNOWN)
        self.window[at] = np.where(is_tcp & (room >= 16), self.window[at], UNSAID)  # noqa: PLR2004 - up to it
        header = np.where(is_tcp, self._header[at], np.where(ported | is_icmp, 8, 0))
        self._header[at] = header
        self._carries[at] = (room > 0) & (~is_tcp | (has_flags & (header >= HEAD)))


def _opening(data: Bytes, at: Numbers, held: Numbers) -> Words:
    """The first four bytes of what each frame carries, zero where nothing was captured."""
    found = np.zeros(len(at), np.uint32)
    some = true_at(held)
    found[some] = captured(data, at[some], held[some], 4).view("<u4")[:, 0]
    return found
