# SPDX-License-Identifier: Apache-2.0
"""The link layer of whole chunks at once: who sends to whom, in which VLAN, what is inside, and where it begins."""

from typing import Final

import numpy as np

from giamsat_agent.packets.batch import OneOf
from giamsat_agent.packets.chunk import Bytes, Chunk, Numbers, true_at

ETHERNET, RAW, RAW_OLD, SLL, NULL, SLL2, IPV4_ONLY, IPV6_ONLY = 1, 101, 12, 113, 0, 276, 228, 229
IP4, IP6, ARP, PPPOE = 0x0800, 0x86DD, 0x0806, 0x8864
TAGS: Final = OneOf((0x8100, 0x88A8, 0x9100))
TAGS_DEEP: Final = 2
HEADER: Final = 14
"""Bytes of an Ethernet header: two addresses of six, and the type."""
ROW: Final = 40
"""Bytes of a network header that are looked at: those of IPv6, of IPv4 without options and TCP, of a BPDU."""
_WORD: Final = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF], "<u4").view(np.uint32)
"""Masks of four bytes, by how many of them were captured."""


class Link:
    """The columns of a chunk's link layer; `held` is how much was captured from `network_at` on.

    `rows` are the ROW bytes from there on, zero behind what was captured.
    """

    def __init__(self, chunk: Chunk) -> None:
        data, at, kind = chunk.data, chunk.offsets, chunk.link_type
        self.vlan = np.zeros(len(at), np.int64) if chunk.vlans is None else chunk.vlans.copy()
        if kind == ETHERNET:
            self._ethernet(chunk)
        else:
            self._bare(data, at, kind)
        other = true_at(self.ether_type != IP4)
        if len(other):
            self._untagged(data, other)
            self._below_pppoe(data, other)
        self.held = np.maximum(chunk.lengths - (self.network_at - at), 0)
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

    def _ethernet(self, chunk: Chunk) -> None:
        # What most frames have comes right behind: both headers are copied at once.
        heads = gather(chunk.data, chunk.offsets, HEADER + ROW)
        short = true_at(chunk.lengths < HEADER)
        heads[short, :HEADER] = 0
        # Eight bytes hold the first address and two more; the next eight, from its end on, the second and the type.
        self.destination = heads[:, :8].view(">u8")[:, 0].astype(np.uint64) >> np.uint64(16)
        last = heads[:, 6:HEADER].view(">u8")[:, 0].astype(np.uint64)
        self.source = last >> np.uint64(16)
        self.ether_type = (last & np.uint64(0xFFFF)).view(np.int64)
        self.network_at = chunk.offsets + HEADER
        self.rows = heads[:, HEADER:]

    def _untagged(self, data: Bytes, tagged: Numbers) -> None:
        for _ in range(TAGS_DEEP):
            tagged = tagged[TAGS.at(self.ether_type[tagged])]
            if not len(tagged):
                return
            places = self.network_at[tagged]
            self.vlan[tagged] = _word(data, places) & 0x0FFF
            self.ether_type[tagged] = _word(data, places + 2)
            self.network_at[tagged] += 4

    def _bare(self, data: Bytes, at: Numbers, kind: int) -> None:
        """No Ethernet addresses."""
        self.source, self.destination = np.zeros(len(at), np.uint64), np.zeros(len(at), np.uint64)
        self.network_at, self.ether_type = at.copy(), np.zeros(len(at), np.int64)
        if kind == SLL:
            self._fixed(data, at, type_at=14, header=16)
        elif kind == SLL2:
            self._fixed(data, at, type_at=0, header=20)
        elif kind in {RAW, RAW_OLD, 14, IPV4_ONLY, IPV6_ONLY, NULL, 108}:
            self.network_at = at + (4 if kind in {NULL, 108} else 0)
            version = _byte(data, self.network_at) >> 4
            self.ether_type = np.where(version == 4, IP4, np.where(version == 6, IP6, 0))  # noqa: PLR2004 - IP versions

    def _fixed(self, data: Bytes, at: Numbers, *, type_at: int, header: int) -> None:
        self.ether_type = _word(data, at + type_at)
        self.network_at = at + header

    def _below_pppoe(self, data: Bytes, other: Numbers) -> None:
        inside = other[self.ether_type[other] == PPPOE]
        if len(inside):
            protocol = _word(data, self.network_at[inside] + 6)
            self.ether_type[inside] = np.where(protocol == 0x21, IP4, np.where(protocol == 0x57, IP6, 0))  # noqa: PLR2004 - PPP
            self.network_at[inside] += 8


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
