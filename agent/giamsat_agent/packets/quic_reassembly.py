# SPDX-License-Identifier: Apache-2.0
"""Hellos of QUIC clients put together from the datagrams that carry them (RFC 9000, RFC 9001).

A hello is one datagram or a few, its pieces in whatever order. Opening one takes a while, so LOOKED_AT of each batch
are opened, and of each connection DATAGRAMS.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table
from giamsat_agent.packets.payloads import tls
from giamsat_agent.packets.payloads.handshake import ClientGreeting, Ends, in_a_row
from giamsat_agent.packets.payloads.ja4 import Carrier
from giamsat_agent.packets.payloads.quic_version import VERSIONS

LEAST: Final = 1_200
"""Bytes of a datagram with a client's Initial packet (RFC 9000, section 14.1)."""
OPEN: Final = 256
DATAGRAMS: Final = 8
LOOKED_AT: Final = 64
HELLO_BYTES: Final = 16_384
_BEGINS: Final = np.array(
    [
        0xC0 | version.kind << 4 | int.from_bytes(number.to_bytes(4)[:3], "little") << 8
        for number, version in VERSIONS.items()
    ],
    np.uint32,
)
"""How such datagrams begin, in the order of this file's columns, but for the bits that are protected."""


@dataclass(slots=True)
class _Gathering:
    """The pieces of one client's hello, by where they belong."""

    datagrams: int = 0
    pieces: dict[int, bytes] = field(default_factory=dict)


class Initials:
    """What clients of one stream of frames say first."""

    def __init__(self, room: Room) -> None:
        self._open: Table[tuple[Ends, bytes], _Gathering] = room.table(OPEN)

    def found(self, batch: Batch) -> Iterator[ClientGreeting]:
        """The hellos that came to their end in these frames."""
        long = batch.udp[(batch.payload[batch.udp] >= LEAST) & (batch.held[batch.udp] == batch.payload[batch.udp])]
        if not len(long):
            return
        long = long[(batch.opening[long, None] & ~np.uint32(0x0F) == _BEGINS).any(axis=1)]
        ends = (batch.source, batch.destination, batch.source_port, batch.destination_port)
        for at, *who in batch.rows(long[:LOOKED_AT], *ends):
            yield from self._heard(batch, at, (who[0], who[1], who[2], who[3]))

    def _heard(self, batch: Batch, at: int, ends: Ends) -> Iterator[ClientGreeting]:
        from giamsat_agent.packets.payloads.quic import initial  # noqa: PLC0415 - 6 MB, where nobody speaks QUIC for nothing

        packet = initial(batch.content(at))
        if packet is None:
            return
        key = (ends, packet.identifier)
        gathering = self._open.get(key) or self._open.put(key, _Gathering())
        gathering.datagrams += 1
        if gathering.datagrams > DATAGRAMS:
            return
        gathering.pieces.update(packet.pieces)
        said = in_a_row(gathering.pieces)[:HELLO_BYTES]
        length = int.from_bytes(said[1 : tls.MESSAGE_HEADER])
        body = said[tls.MESSAGE_HEADER : tls.MESSAGE_HEADER + length]
        if said[:1] != bytes([tls.CLIENT_HELLO]) or len(body) < length:
            return
        gathering.datagrams = DATAGRAMS
        hello = tls.client_hello(body)
        if hello is not None:
            yield ClientGreeting(ends, int(batch.time_ns[at]), int(batch.number[at]), hello, Carrier.QUIC)
