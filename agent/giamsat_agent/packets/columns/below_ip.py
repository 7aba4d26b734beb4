# SPDX-License-Identifier: Apache-2.0
"""What is said below IP: by hosts in ARP, and by bridges to each other."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Bytes, Numbers
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.link import ARP, Link

PER_VLAN: Final = np.array([0xAA, 0xAA, 3, 0, 0, 0x0C, 0x01, 0x0B], np.uint8)
"""The LLC and SNAP headers of a BPDU for one VLAN."""


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


NO_ARP: Final = Arp(*(np.zeros(0, kind) for kind in ("i8", "i8", "u8", "u8", "u8")))


def arp(rows: Bytes, link: Link, other: Numbers) -> Arp:
    """ARP for IPv4 over Ethernet (RFC 826)."""
    at = other[link.ether_type[other] == ARP]
    if not len(at):
        return NO_ARP
    kind = rows[at, :6]
    ethernet = (kind[:, 1] == 1) & (kind[:, 2] == 8) & (kind[:, 4] == 6) & (kind[:, 5] == 4)  # noqa: PLR2004 - RFC 826
    at = at[ethernet & (link.held[at] >= 28)]  # noqa: PLR2004 - its length
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


def hello(rows: Bytes, link: Link, other: Numbers) -> Hello:
    """BPDUs below LLC, where a frame has its length in place of a type."""
    at = other[link.ether_type[other] <= 1500]  # noqa: PLR2004 - IEEE 802.3
    framed = at[(link.ether_type[at] > 0) & (link.held[at] >= 38)]  # noqa: PLR2004 - header and BPDU
    if not len(framed):
        return Hello(framed, np.zeros(0, np.uint64))
    some = rows[framed]
    plain = (some[:, 0] == 0x42) & (some[:, 1] == 0x42)  # noqa: PLR2004 - bridges' own address
    by_vlan = (some[:, :8] == PER_VLAN).all(axis=1)
    begins = np.where(by_vlan, 8, 3)
    body = np.take_along_axis(some, begins[:, None] + np.arange(13), axis=1)
    tells = (plain | by_vlan) & (body[:, :2] == 0).all(axis=1) & ((body[:, 3] == 0) | (body[:, 3] == 2))  # noqa: PLR2004
    root = np.ascontiguousarray(body[tells, 5:]).view(">u8")[:, 0].astype(np.uint64)
    return Hello(at=framed[tells], root=root)


def _long(rows: Bytes, at: int) -> Identities:
    return np.ascontiguousarray(rows[:, at : at + 4]).view(">u4")[:, 0].astype(np.uint64)
