# SPDX-License-Identifier: Apache-2.0
"""TLS handshakes put together from the segments that carry them (RFC 9293: bytes have their place by number).

Most fit into one segment and are read where they stand. What does not is gathered, in whatever order its segments come,
within bounds: OPEN at once, of at most SEGMENTS segments and STREAM_BYTES bytes each. Those of QUIC come in datagrams.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, TypeAlias

import numpy as np

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.detector import Room, Table
from giamsat_agent.packets.payloads import tls
from giamsat_agent.packets.payloads.handshake import (
    ClientGreeting,
    Ends,
    Greeting,
    ServerCertificate,
    ServerGreeting,
    in_a_row,
)
from giamsat_agent.packets.payloads.x509 import validity
from giamsat_agent.packets.quic_reassembly import Initials
from giamsat_wire.clock import SECOND_NS

OPEN: Final = 512
SEGMENTS: Final = 16
STREAM_BYTES: Final = 16_384
WAIT_NS: Final = 10 * SECOND_NS
"""A handshake that has not come by then is let go of."""
LOOKED_AT: Final = 2_048
NAMES: Final = 4_096
_BEGINS: Final = 0x0316
"""A handshake record of version 3.x, as the first two bytes in the order of this file's columns."""
_KIND_AT: Final = tls.RECORD_HEADER
_PORTS: Final = 1 << 16


@dataclass(slots=True)
class _Gathering:
    """One end's bytes from `sequence` on, as far as they came, each piece by how far it is from there.

    `number` is the frame it began with; `greeted` whether the hello in it was told.
    """

    sequence: int
    at_ns: int
    number: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    greeted: bool = False

    def add(self, sequence: int, content: bytes) -> bool:
        """One more segment; whether there is room for it."""
        offset = (sequence - self.sequence) & 0xFFFFFFFF
        if offset >= STREAM_BYTES or len(self.pieces) >= SEGMENTS:
            return False
        if len(content) > len(self.pieces.get(offset, b"")):
            self.pieces[offset] = content[: STREAM_BYTES - offset]
        return True


_Key: TypeAlias = tuple[bool, Ends]
"""Whether it is the client that speaks, and the connection."""


class Greetings:
    """What the ends of one stream of frames say to each other to begin with."""

    def __init__(self) -> None:
        self.room = Room()
        self._open: Table[_Key, _Gathering] = self.room.table(OPEN)
        self._names: Table[Ends, str] = Table(NAMES)
        self._done: Table[_Key, int] = Table(NAMES)
        self._initials = Initials(self.room)
        self._heard_whole: list[Greeting] = []

    def joined(self, batch: Batch) -> Batch:
        """The batch together with what came to its end in it."""
        found = sorted([*self._heard_whole, *self._found(batch)], key=lambda one: (one.at_ns, one.number))
        self._heard_whole.clear()
        return replace(batch, greetings=tuple(self._named(one) for one in found)) if found else batch

    def hear(self, batch: Batch) -> None:
        """Take frames that were captured a second time, longer; the next batch is told with what comes of them."""
        room = LOOKED_AT - len(self._heard_whole)
        again = replace(batch, number=np.zeros_like(batch.number))
        self._heard_whole += islice(self._found(again), max(room, 0))

    def _named(self, greeting: Greeting) -> Greeting:
        if isinstance(greeting, ClientGreeting):
            self._names.put(greeting.ends, greeting.hello.server_name)
            return greeting
        return replace(greeting, server_name=self._names.get(greeting.ends) or "")

    def _found(self, batch: Batch) -> Iterator[Greeting]:
        begins = batch.spoken[(batch.said & 0xFFFF) == _BEGINS]
        if len(begins):
            kinds = batch.data[batch.payload_at[begins] + _KIND_AT]
            for at in begins[(kinds == tls.CLIENT_HELLO) | (kinds == tls.SERVER_HELLO)][:LOOKED_AT].tolist():
                yield from self._begun(batch, at)
        for at in self._continuing(batch)[:LOOKED_AT].tolist():
            yield from self._continued(batch, at)
        yield from self._initials.found(batch)

    def _begun(self, batch: Batch, at: int) -> Iterator[Greeting]:
        of_client = int(batch.data[batch.payload_at[at] + _KIND_AT]) == tls.CLIENT_HELLO
        key = (of_client, ends_of(batch, at, of_client=of_client))
        sequence, now_ns = batch.sequence(at), int(batch.time_ns[at])
        if self._done.get(key) == sequence:
            return
        gathering = self._open.get(key)
        if gathering is None or gathering.sequence != sequence or now_ns - gathering.at_ns > WAIT_NS:
            gathering = self._open.put(key, _Gathering(sequence, now_ns, int(batch.number[at])))
        yield from self._heard(batch, at, key, gathering)

    def _continuing(self, batch: Batch) -> Numbers:
        """Frames that may carry more of what is being gathered; what has waited too long is let go of."""
        if not len(self._open):
            return np.zeros(0, np.int64)
        ports = np.zeros(_PORTS, bool)
        begun_ns = int(batch.time_ns[0]) - WAIT_NS if len(batch) else 0
        for key, gathering in self._open.items():
            if gathering.at_ns < begun_ns:
                self._open.drop(key)
            else:
                ports[key[1][2]] = True
        spoken = batch.spoken
        aimed: Mask = ports[batch.source_port[spoken]] | ports[batch.destination_port[spoken]]
        return spoken[aimed]

    def _continued(self, batch: Batch, at: int) -> Iterator[Greeting]:
        for of_client in (True, False):
            key = (of_client, ends_of(batch, at, of_client=of_client))
            gathering = self._open.get(key)
            if gathering is not None and int(batch.number[at]) > gathering.number:
                yield from self._heard(batch, at, key, gathering)

    def _heard(self, batch: Batch, at: int, key: _Key, gathering: _Gathering) -> Iterator[Greeting]:
        """What a further segment brings to its end; then nothing more is waited for."""
        late = int(batch.time_ns[at]) - gathering.at_ns > WAIT_NS
        if late or not gathering.add(batch.sequence(at), batch.content(at)):
            self._open.drop(key)
            return
        stream, moment = in_a_row(gathering.pieces), (int(batch.time_ns[at]), int(batch.number[at]))
        done = tls.is_over(stream) or len(stream) >= STREAM_BYTES
        for kind, body, whole in tls.messages(stream):
            if kind == tls.CERTIFICATE:
                shown = validity(tls.certificate(body))
                done |= whole or shown is not None
                if shown is not None:
                    yield ServerCertificate(key[1], *moment, shown)
            elif kind in {tls.CLIENT_HELLO, tls.SERVER_HELLO} and whole:
                hello = tls.client_hello(body) if key[0] else tls.server_hello(body)
                done |= key[0] or hello is None or hello.versions[0] >= tls.TLS13
                if hello is not None and not gathering.greeted:
                    gathering.greeted = True
                    yield (ClientGreeting if key[0] else ServerGreeting)(key[1], *moment, hello)
            else:
                done |= whole
        if done:
            self._done.put(key, gathering.sequence)
            self._open.drop(key)


def ends_of(batch: Batch, at: int, *, of_client: bool) -> Ends:
    """The connection of a frame that the client sends, or the server."""
    near, far = int(batch.source[at]), int(batch.destination[at])
    ports = int(batch.source_port[at]), int(batch.destination_port[at])
    return (near, far, *ports) if of_client else (far, near, ports[1], ports[0])
