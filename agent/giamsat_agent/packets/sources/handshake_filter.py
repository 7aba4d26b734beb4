# SPDX-License-Identifier: Apache-2.0
"""Which frames begin a handshake of TLS or QUIC: a filter that the kernel runs (bpf(4), socket(7) SO_ATTACH_FILTER).

The ring holds the beginning of every frame, and hellos are longer than that. So they are taken a second time, whole, by
a ring of their own that nothing else gets into.
"""

import struct
from typing import Final

from giamsat_agent.packets.payloads.quic_version import VERSIONS
from giamsat_agent.packets.payloads.tls import CLIENT_HELLO, HANDSHAKE, SERVER_HELLO
from giamsat_agent.packets.sources.ring import Ring

SLOT: Final = 2_048
"""Bytes of a slot: a frame of 1,514 and what the kernel writes before it."""
MEGABYTES: Final = 1
HELLOS_A_TURN: Final = (MEGABYTES << 20) // SLOT
"""Taken at once, all that the ring holds; then it is the turn of other frames."""
_LOAD_WORD2, _LOAD_BYTE, _LOAD_WORD2_X, _LOAD_WORD4_X, _LOAD_BYTE_X = 0x28, 0x30, 0x48, 0x40, 0x50
_HEADER_X, _NUMBER_X = 0xB1, 0x01
_AND, _SHIFT, _ADD, _ADD_X, _TO_X = 0x54, 0x74, 0x04, 0x0C, 0x07
_EQUAL, _ANY, _RETURN = 0x15, 0x45, 0x06
_TCP, _UDP = 6, 17
_SIX, _SEGMENT, _DATAGRAM6, _DATAGRAM, _SECOND, _YES, _NO = 13, 21, 27, 28, 33, 36, 37
_HEAD: Final = 14
"""Bytes of an Ethernet header; the kernel has taken a VLAN tag off."""
_FIRST, _OTHER = VERSIONS
_STEPS: Final = (
    (_LOAD_WORD2, 12, None, None),
    (_EQUAL, 0x0800, None, _SIX),
    (_LOAD_WORD2, _HEAD + 6, None, None),
    (_ANY, 0x1FFF, _NO, None),  # a later fragment
    (_HEADER_X, _HEAD, None, None),  # the length of the IPv4 header
    (_LOAD_BYTE, _HEAD + 9, None, None),
    (_EQUAL, _UDP, _DATAGRAM, None),
    (_EQUAL, _TCP, None, _NO),
    (_LOAD_BYTE_X, _HEAD + 12, None, None),
    (_AND, 0xF0, None, None),
    (_SHIFT, 2, None, None),  # that of the TCP header
    (_ADD_X, 0, None, None),
    (_EQUAL, 0, _NO, _SEGMENT),
    (_EQUAL, 0x86DD, None, _NO),
    (_LOAD_BYTE, _HEAD + 6, None, None),
    (_EQUAL, _UDP, _DATAGRAM6, None),
    (_EQUAL, _TCP, None, _NO),
    (_LOAD_BYTE, _HEAD + 40 + 12, None, None),
    (_AND, 0xF0, None, None),
    (_SHIFT, 2, None, None),
    (_ADD, 40, None, None),
    (_TO_X, 0, None, None),  # what is carried begins there, behind the Ethernet header
    (_LOAD_WORD2_X, _HEAD, None, None),
    (_EQUAL, HANDSHAKE << 8 | 3, None, _NO),
    (_LOAD_BYTE_X, _HEAD + 5, None, None),
    (_EQUAL, CLIENT_HELLO, _YES, None),
    (_EQUAL, SERVER_HELLO, _YES, _NO),
    (_NUMBER_X, 40, None, None),
    (_LOAD_BYTE_X, _HEAD + 8, None, None),  # behind the UDP header
    (_AND, 0xF0, None, None),
    (_EQUAL, 0xC0 | VERSIONS[_FIRST].kind << 4, None, _SECOND),
    (_LOAD_WORD4_X, _HEAD + 9, None, None),
    (_EQUAL, _FIRST, _YES, _NO),
    (_EQUAL, 0xC0 | VERSIONS[_OTHER].kind << 4, None, _NO),
    (_LOAD_WORD4_X, _HEAD + 9, None, None),
    (_EQUAL, _OTHER, _YES, _NO),
    (_RETURN, 1 << 18, None, None),
    (_RETURN, 0, None, None),
)
"""Instruction, number, and where to go when it is so and when not; the next one by itself."""


def ring(interface: str) -> Ring:
    """The hellos of an interface whose other frames another ring holds.

    Raises:
        InterfaceError: there is no such interface, or the right to capture (CAP_NET_RAW) is missing.
    """
    return Ring(interface, megabytes=MEGABYTES, promiscuous=False, slot=SLOT, only=program())


def program() -> bytes:
    """The filter as the kernel takes it: struct sock_filter after struct sock_filter (linux/filter.h)."""
    out = b""
    for place, (code, number, so, otherwise) in enumerate(_STEPS):
        jumps = [0 if target is None else target - place - 1 for target in (so, otherwise)]
        out += struct.pack("=HBBI", code, *jumps, number)
    return out
