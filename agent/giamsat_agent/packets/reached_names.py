# SPDX-License-Identifier: Apache-2.0
"""Names that a client asked for and then reached: those are hosts, however much their names look like noise.

Who carries data by names wants no address and reaches none: a call that nobody answers proves nothing.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.message import Message
from giamsat_agent.packets.detector import Room, Table, first_of_each
from giamsat_agent.packets.payloads.dns_message import given

GIVEN: Final = 8_192
NAMES: Final = 8_192
QUIC: Final = 443
IP4_BYTES: Final = 4

Pair = tuple[int, int]
"""A client and the hash of a name; or a client and the address of a host."""


class Reached:
    """Addresses that clients were given for names, and the names whose address answered them."""

    def __init__(self, room: Room) -> None:
        self._given: Table[Pair, int] = room.table(GIVEN)
        self._names: Table[Pair, bool] = room.table(NAMES)

    def __contains__(self, asked: Pair) -> bool:
        return asked in self._names

    def take(self, batch: Batch, answers: list[Message]) -> list[Pair]:
        """Answers that give addresses, and the frames they came with; the names whose address answered just now."""
        if not answers and not len(self._given):
            return []
        for answer in answers:
            for address in _addresses(batch, answer):
                self._given.put((int(batch.destination[answer.place]), address), hash(answer.question.name))
        found = []
        for called in _answering(batch):
            name = self._given.get(called)
            if name is not None:
                found.append((called[0], name))
                self._names.put((called[0], name), value=True)
                self._given.drop(called)
        return found


def _answering(batch: Batch) -> Iterator[Pair]:
    """Whom which host answers, by TCP or QUIC, each once."""
    datagrams = batch.udp[batch.source_port[batch.udp] == QUIC]
    for ends in (batch.accepts, datagrams):
        client, host = batch.destination[ends], batch.source[ends]
        first = first_of_each(client, host)
        yield from zip(client[first].tolist(), host[first].tolist(), strict=True)


def _addresses(batch: Batch, answer: Message) -> Iterator[int]:
    for packed in given(answer.content):
        if len(packed) == IP4_BYTES:
            yield int.from_bytes(packed)
        elif len(packed) == 4 * IP4_BYTES:
            yield int(batch.addresses.identify(np.frombuffer(packed, np.uint64).reshape(1, 2))[0])
