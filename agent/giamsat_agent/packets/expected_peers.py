# SPDX-License-Identifier: Apache-2.0
"""Hosts that somebody has a reason to call: DNS gave their address for a name, or they take calls at the very port.

Who looks for hosts goes through addresses. A browser tries every site that it was led to by IPv6 and by QUIC as well,
and a resolver every server of a domain, be it that nothing of the kind gets through.
"""

import re
from typing import Final

import numpy as np

from giamsat_agent.packets.attempts import Attempt
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.addresses import Addresses, Identities
from giamsat_agent.packets.columns.batch import Batch, Mask
from giamsat_agent.packets.detector import mix
from giamsat_agent.packets.slots import Slots

A: Final = re.compile(rb"\x00\x01\x00\x01.{4}\x00\x04(.{4})", re.DOTALL)
AAAA: Final = re.compile(rb"\x00\x1c\x00\x01.{4}\x00\x10(.{16})", re.DOTALL)
"""Records of addresses (RFC 1035, section 3.2.1; RFC 3596), be it that they only come along: kind, class, how long it
holds, how long it is."""
BITS: Final = 15
"""Of the places for hosts, and for services of clients."""


class Acquainted:
    """The addresses that DNS gave lately, and the services that accepted a client."""

    def __init__(self) -> None:
        self._latest = (0, 0)
        self._given, self._accepted = Slots(BITS), Slots(BITS)

    def hear(self, batch: Batch) -> None:
        """The next frames; those of one batch once, however many ask."""
        latest = (int(batch.number[-1]), int(batch.time_ns[-1])) if len(batch) else self._latest
        if latest == self._latest:
            return
        self._latest = latest
        answers = b"".join(message.content for message in batch.dns if message.question.is_answer)
        if answers:
            self._given.note(mix(_addresses(answers, batch.addresses)))
        accepts = batch.accepts
        ends = (batch.destination[accepts], batch.source[accepts], batch.source_port[accepts])
        self._accepted.note(mix(*ends))

    def named(self, who: int, its: list[Attempt]) -> Mask:  # noqa: ARG002 - as `known`
        """Which of these targets of somebody have an address that DNS gave."""
        return self._given.among(mix(np.array([one.target for one in its], np.uint64)))

    def known(self, who: int, its: list[Attempt]) -> Mask:
        """The same, or accept a connection of his at the very port that he sends datagrams to."""
        target, port = (np.array([getattr(one, end) for one in its], np.uint64) for end in ("target", "port"))
        return self.named(who, its) | self.accepted(np.full(len(its), who, np.uint64), target, port)

    def accepted(self, clients: Identities, servers: Identities, ports: Numbers | Identities) -> Mask:
        """Which of these clients the service accepted before."""
        return self._accepted.among(mix(clients, servers, ports))


def _addresses(answers: bytes, addresses: Addresses) -> Identities:
    short = np.frombuffer(b"".join(A.findall(answers)), ">u4").astype(np.uint64)
    long = np.frombuffer(b"".join(AAAA.findall(answers)), np.uint64).reshape(-1, 2)
    return np.concatenate((short, addresses.identify(long)))
