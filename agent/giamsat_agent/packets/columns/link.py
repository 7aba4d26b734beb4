# SPDX-License-Identifier: Apache-2.0
"""The link layer of whole chunks at once: who sends to whom, in which VLAN, what is inside, and where it begins."""

from functools import cached_property
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Bytes, Chunk, Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.one_of import OneOf

ETHERNET, RAW, RAW_OLD, SLL, NULL, SLL2, IPV4_ONLY, IPV6_ONLY = 1, 101, 12, 113, 0, 276, 228, 229
IP4, IP6, ARP, PPPOE = 0x0800, 0x86DD, 0x0806, 0x8864
TAGS: Final = OneOf((0x8100, 0x88A8, 0x9100))
TAGS_DEEP: Final = 2
HEADER: Final = 14
"""Bytes of an Ethernet header: two addresses of six, and the type."""
ROW: Final = 40
"""Bytes of a network header that are looked at: those of IPv6, of IPv4 without options and TCP, of a BPDU."""
_BARE: Final = {SLL: 16, SLL2: 20, NULL: 4, 108: 4}
"""Bytes before what is inside, where there is anything."""
_WORD: Final = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], "<u4").view(np.uint32)
"""Masks of four bytes, by how many of them were captured."""


class Link:
    """The columns of a chunk's link layer; `held` is how much was captured from `network_at` on.

    `rows` are the ROW bytes from there on, zero behind what was captured.
    """

    def __init__(self, chunk: Chunk) -> None:
        data, at, kind = chunk.data, chunk.offsets, chunk.link_type
        self.vlan: Numbers = np.zeros(len(at), np.uint16) if chunk.vlans is None else chunk.vlans.astype(np.uint16)
        if kind == ETHERNET:
            self._ethernet(chunk)
        else:
            self._bare(chunk)
        other = true_at(self.ether_type != IP4)
        if len(other):
            self._untagged(data, other)
            self._below_pppoe(data, other)
        np.maximum(self.held, 0, out=self.held)
        if kind != ETHERNET:
            self.rows = gather(data, self.network_at, ROW)
        elif len(other):
            moved = other[self.network_at[other] != at[other] + HEADER]
            self.rows[moved] = gather(data, self.network_at[moved], ROW)
        short = _clear(self.rows, self.held)
        self.ether_type[short[self.held[short] == 0]] = 0

    def replace(self, at: Numbers, other: "Link", known: Numbers) -> None:
        """Some frames are what the link inside says; addresses and VLAN stay where that has none."""
        for name in ("ether_type", "network_at", "held"):
            getattr(self, name)[at] = getattr(other, name)[known]
        for name in ("source", "destination", "vlan"):
            column, inner = getattr(self, name), getattr(other, name)[known]
            column[at] = np.where(inner > 0, inner, column[at])

    @cached_property
    def destination(self) -> Identities:
        """The Ethernet address each frame is sent to: seldom asked for."""
        return self._heads[:, :8].view(">u8")[:, 0].astype(np.uint64) >> np.uint64(16)

    @cached_property
    def source(self) -> Identities:
        """The address of its sender, which stands before its type."""
        return self._heads[:, 6:].view(">u8")[:, 0].astype(np.uint64) >> np.uint64(16)

    def _ethernet(self, chunk: Chunk) -> None:
        # What most frames have comes right behind: both headers are copied at once.
        heads = gather(chunk.data, chunk.offsets, HEADER + ROW)
        short = true_at(chunk.lengths < HEADER)
        heads[short, :HEADER] = 0
        self._heads = heads[:, :HEADER]
        self.ether_type: Numbers = heads[:, HEADER - 2 : HEADER].view(">u2")[:, 0].astype(np.uint16)
        self.rows = heads[:, HEADER:]
        self._begin(chunk, HEADER)

    def _begin(self, chunk: Chunk, header: int) -> None:
        """What is inside begins behind so many bytes."""
        self.network_at: Numbers = chunk.offsets + header
        self.held: Numbers = np.subtract(chunk.lengths, header, dtype=np.int32, casting="same_kind")

    def _move(self, places: Numbers, header: int) -> None:
        """In some frames it begins so many bytes later."""
        self.network_at[places] += header
        self.held[places] -= header

    def _untagged(self, data: Bytes, tagged: Numbers) -> None:
        for _ in range(TAGS_DEEP):
            tagged = tagged[TAGS.at(self.ether_type[tagged])]
            if not len(tagged):
                return
            places = self.network_at[tagged]
            self.vlan[tagged] = _word(data, places) & 0x0FFF
            self.ether_type[tagged] = _word(data, places + 2)
            self._move(tagged, 4)

    def _bare(self, chunk: Chunk) -> None:
        """No Ethernet addresses."""
        data, at, kind = chunk.data, chunk.offsets, chunk.link_type
        self._heads = np.zeros((len(at), HEADER), np.uint8)
        self.ether_type = np.zeros(len(at), np.uint16)
        self._begin(chunk, _BARE.get(kind, 0))
        if kind in {SLL, SLL2}:
            self.ether_type[:] = _word(data, at + (14 if kind == SLL else 0))
        elif kind in {RAW, RAW_OLD, 14, IPV4_ONLY, IPV6_ONLY, NULL, 108}:
            version = _byte(data, self.network_at) >> 4
            self.ether_type[:] = np.where(version == 4, IP4, np.where(version == 6, IP6, 0))  # noqa: PLR2004 - IP versions

    def _below_pppoe(self, data: Bytes, other: Numbers) -> None:
        inside = other[self.ether_type[other] == PPPOE]
        if len(inside):
            protocol = _word(data, self.network_at[inside] + 6)
            self.ether_type[inside] = np.where(protocol == 0x21, IP4, np.where(protocol == 0x57, IP6, 0))  # noqa: PLR2004 - PPP
            self._move(inside, 8)


def gather(data: Bytes, at: Numbers, width: int) -> Bytes:
    """`width` bytes from each place: one copy per frame, not one per byte."""
    view = np.ndarray((len(data) - width + 1,), dtype=f"V{width}", buffer=data, strides=(1,))
    taken: Bytes = view[np.minimum(at, len(view) - 1)].view(np.uint8).reshape(-1, width)
    return taken


def captured(data: Bytes, at: Numbers, held: Numbers, width: int) -> Bytes:
    """`width` bytes from each place, a multiple of four; zero behind the `held` ones that were captured."""
    rows = gather(data, at, width)
    _clear(rows, held)
    return rows


def _clear(rows: Bytes, held: Numbers) -> Numbers:
    """Set to zero what lies behind the `held` bytes of each row; the places of rows that have such."""
    width = rows.shape[1]
    short = true_at(held < width)
    if len(short):
        left = held[short].clip(0)[:, None] - np.arange(0, width, 4)
        rows.view(np.uint32)[short] &= _WORD[left.clip(0, 4)]
    return short


def _byte(data: Bytes, at: Numbers) -> Numbers:
    return data[np.minimum(at, len(data) - 1)].astype(np.int64)


def _word(data: Bytes, at: Numbers) -> Numbers:
    return _byte(data, at) << 8 | _byte(data, at + 1)
