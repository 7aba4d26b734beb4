# SPDX-License-Identifier: Apache-2.0
"""Packets of harmless traffic, made here: connections of clients to servers, and names asked for."""

import random
import struct
from typing import Final

START: Final = 1_800_000_000
"""The second at which it begins where it is written down."""
ETHERNET: Final = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0"
"""Before each packet on a server's own network."""


def packet(ends: tuple[int, int], protocol: int, content: bytes) -> bytes:
    """An IPv4 packet."""
    head = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(content), 0, 0, 64, protocol, 0, *ends)
    return ETHERNET + head + content


def segment(ports: tuple[int, int], flags: int, content: bytes = b"") -> bytes:
    """A TCP segment."""
    return struct.pack(">HHIIBBHHH", *ports, 0, 0, 0x50, flags, 1024, 0, 0) + content


def connections(rng: random.Random) -> list[bytes]:
    """One connection of a client to a server, as both ends speak it: what most of the traffic is."""
    client, server = 0x0A000000 | rng.randrange(1 << 16), 0xC0000200 | rng.randrange(1, 250)
    port = rng.randrange(20_000, 60_000)
    up, down = ((client, server), (port, 443)), ((server, client), (443, port))
    frames = [packet(ends, 6, segment(ports, flags)) for (ends, ports), flags in ((up, 2), (down, 18), (up, 16))]
    for _ in range(rng.randrange(4, 40)):
        frames.append(packet(down[0], 6, segment(down[1], 16, rng.randbytes(1_000))))
        frames.append(packet(up[0], 6, segment(up[1], 16)))
    return frames


def questions(rng: random.Random) -> list[bytes]:
    """A name asked for and answered."""
    client, server, port = 0x0A000000 | rng.randrange(1 << 16), 0x0A0000FE, rng.randrange(20_000, 60_000)
    name = b"\x03www" + bytes([9]) + b"tenmien%02d" % rng.randrange(100) + b"\x02vn\0"
    message = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + name + b"\0\1\0\1"
    answer = message[:2] + b"\x81\x80" + message[4:]
    return [
        packet((client, server), 17, struct.pack(">HHHH", port, 53, 8 + len(message), 0) + message),
        packet((server, client), 17, struct.pack(">HHHH", 53, port, 8 + len(answer), 0) + answer),
    ]
