# SPDX-License-Identifier: Apache-2.0
"""Frames of a second, as far as a flood is told by them, and which of them a host sent or received."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from operator import attrgetter
from typing import Final

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Identities
from giamsat_agent.packets.columns.batch import ACK, FIN, NOT_IP, RST, SYN, UDP, Batch, Mask
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import Words
from giamsat_agent.packets.detector import mix
from giamsat_wire.clock import SECOND_NS

ASKED: Final = 200
"""Bytes of a datagram; an answer that is longer was amplified."""
REFLECTORS: Final = (
    17,
    19,
    53,
    111,
    123,
    137,
    161,
    177,
    389,
    427,
    520,
    1434,
    1900,
    3283,
    3702,
    5093,
    5353,
    5683,
    11211,
)
"""Quote of the day, chargen, DNS, portmapper, NTP, NetBIOS, SNMP, XDMCP, CLDAP, SLP, RIP, MSSQL, SSDP, Apple Remote
Desktop, WS-Discovery, Sentinel, mDNS, CoAP, memcached."""
ONE_BY_ONE: Final = 16
"""To look for one host among many frames costs a fortieth of sorting them."""
REFUSES: Final = 128
"""Beside the flags of a reset that answers who asked for a connection where nobody listens: it has no number of its own
(RFC 9293, section 3.10.7.1)."""
SLOTS, SLOT_SHIFT = 1 << 14, np.uint64(50)
"""By the highest 14 bits of a hash."""
_REFLECTS: Final = OneOf(REFLECTORS)
_ECHO, _ECHO6, _REPLY, _REPLY6 = OneOf((8,)), OneOf((128,)), OneOf((0,)), OneOf((129,))


@dataclass(frozen=True, slots=True)
class Frames:
    """What is needed of frames to tell a flood, column by column."""

    second: Numbers
    time_ns: Numbers
    number: Numbers
    source: Identities
    destination: Identities
    protocol: Numbers
    source_port: Numbers
    destination_port: Numbers
    flags: Numbers
    payload: Numbers
    reflected: Mask
    echo: Mask
    reply: Mask
    opening: Words

    def __len__(self) -> int:
        return len(self.second)

    def those(self, chosen: Mask | slice) -> "Frames":
        """Some of them."""
        return Frames(*[column[chosen] for column in _columns(self)])

    def turned(self) -> "Frames":
        """The same as if each had gone the other way."""
        turned = replace(self, source=self.destination, destination=self.source)
        return replace(turned, source_port=self.destination_port, destination_port=self.source_port)

    def parted(self, chosen: Mask) -> tuple["Frames", "Frames"]:
        """Those and the others: without a copy where these come after those."""
        count = np.count_nonzero(chosen)
        if chosen[:count].all():
            return self.those(slice(count)), self.those(slice(count, None))
        return self.those(chosen), self.those(~chosen)


_columns: Final = attrgetter(*(column.name for column in fields(Frames)))
_NARROW: Final = ("i8", "i8", "i8", "u8", "u8", "i2", "u2", "u2", "u1", "i4", "?", "?", "?", "u4")
"""How narrow each column may be: a second's worth is kept."""


class Ends:
    """Which frames a host sent or received: looked for, and from ONE_BY_ONE hosts on found by slots of a hash."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._sent, self._received = _Places(frames.source), _Places(frames.destination)

    def sent(self, at: int) -> Frames:
        """What was sent by the host that received this one, in the same second."""
        return self._of(self._sent, at)

    def received(self, at: int) -> Frames:
        """What was received by the host that received this one, in the same second."""
        return self._of(self._received, at)

    def _of(self, hosts: "_Places", at: int) -> Frames:
        places = hosts.of(self._frames.destination[at : at + 1])
        return self._frames.those(places[self._frames.second[places] == self._frames.second[at]])


class _Places:
    """The places of numbers in a column."""

    def __init__(self, numbers: Identities) -> None:
        self._numbers = numbers
        self._asked = 0

    def of(self, number: Identities) -> Numbers:
        """The places of one number."""
        self._asked += 1
        if self._asked <= ONE_BY_ONE:
            return true_at(self._numbers == number)
        places = self._slots.of(number)
        found: Numbers = places[self._numbers[places] == number]
        return found

    @cached_property
    def _slots(self) -> "_Slots":
        return _Slots(self._numbers)


class _Slots:
    """The places of numbers by slots of their hash."""

    def __init__(self, numbers: Identities) -> None:
        slots = slots_of(numbers)
        self._order = np.argsort(slots, kind="stable")
        self._ends = np.cumsum(np.bincount(slots, minlength=SLOTS))

    def of(self, number: Identities) -> Numbers:
        """The places of one number, and of those that share its slot."""
        slot = int(slots_of(number)[0])
        places: Numbers = self._order[self._ends[slot - 1] if slot else 0 : self._ends[slot]]
        return places


def slots_of(*columns: Identities | Numbers) -> npt.NDArray[np.uint16]:
    """A slot for each row of the columns, the same for the same; so narrow a number is sorted at once."""
    return (mix(*columns) >> SLOT_SHIFT).astype(np.uint16)


class Gathered:
    """Frames of several batches one after the other, with room for `most`, and for more where they come."""

    def __init__(self, most: int) -> None:
        # What was never written to takes no memory yet.
        self._room = Frames(*(np.empty(most, kind) for kind in _NARROW))
        self._count = 0

    @property
    def frames(self) -> Frames:
        """All of them, until others take their place."""
        return self._room.those(slice(self._count))

    def add(self, frames: Frames) -> None:
        """Some more."""
        begin, self._count = self._count, self._count + len(frames)
        if self._count > len(self._room):
            more = (np.empty(2 * self._count - begin, kind) for kind in _NARROW)
            room = zip(_columns(self._room), more, strict=True)
            self._room = Frames(*(np.concatenate((old[:begin], new)) for old, new in room))
        for kept, column in zip(_columns(self._room), _columns(frames), strict=True):
            kept[begin : self._count] = column

    def begin(self, frames: Frames) -> None:
        """These, which may be some of its own, in place of all others."""
        self._count = 0
        self.add(frames)


def frames_of(batch: Batch) -> Frames:
    """What is kept of a batch."""
    reflected, echo, reply = (np.zeros(len(batch), bool) for _ in range(3))
    udp = batch.udp[~batch.fragment[batch.udp]]
    reflected[udp] = _REFLECTS.at(batch.source_port[udp]) & (batch.size[udp] > ASKED)
    for places, asks, answers in ((batch.icmp, _ECHO, _REPLY), (batch.icmp6, _ECHO6, _REPLY6)):
        kind = batch.source_port[places]
        # Echoes only: messages of refusal answer somebody else's flood or scan.
        echo[places], reply[places] = asks.at(kind), answers.at(kind)
    return Frames(
        second=batch.time_ns // SECOND_NS,
        time_ns=batch.time_ns,
        number=batch.number,
        source=batch.source,
        destination=batch.destination,
        protocol=_protocol(batch),
        source_port=batch.source_port,
        destination_port=batch.destination_port,
        flags=_flags(batch),
        payload=batch.payload,
        reflected=reflected,
        echo=echo,
        reply=reply,
        opening=batch.opening,
    )


def _protocol(batch: Batch) -> Numbers:
    """The protocol of each frame, but for pieces of datagrams that have no ports."""
    pieces = true_at(batch.fragment)
    if not len(pieces):
        return batch.protocol
    protocol = batch.protocol.copy()
    protocol[pieces[protocol[pieces] == UDP]] = NOT_IP
    return protocol


def _flags(batch: Batch) -> Numbers:
    """The flags of each frame, and which resets refuse a connection."""
    resets = batch.turns[(batch.flags[batch.turns] & (SYN | ACK | RST | FIN)) == RST | ACK]
    refuses = resets[batch.sequences(resets) == 0]
    if not len(refuses):
        return batch.flags
    flags = batch.flags.copy()
    flags[refuses] |= REFUSES
    return flags
