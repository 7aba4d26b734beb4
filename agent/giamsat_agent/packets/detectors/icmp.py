# SPDX-License-Identifier: Apache-2.0
"""Data inside echo messages (ATT&CK T1095): ping sends a pattern and gets the same back; a tunnel does not.

RFC 792, RFC 4443: the data of an echo is returned in its reply, and the sequence number counts up. Floors: four echoes
whose replies differ from what was sent (and are not just its beginning, which is what some hosts return); four replies
that nothing was sent for, half as many as echoes; two of both if the echoes have three lengths (ping keeps to one);
four echoes of 128 bytes and more whose number never changes, if they are not all of one byte; ten whose data is
different each time beyond the time that ping writes at its beginning, be it of replies whose echoes are not seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.anomaly import FRAMES, Anomaly, Severity, Target
from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.batch import ICMP, Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table, Told

ECHO, ECHO6 = 8, 128
ECHOES, ECHOES6 = OneOf((ECHO, 0)), OneOf((ECHO6, 129))
LARGE: Final = 128
FEW, MANY = 4, 10
LENGTHS: Final = 3
TIME: Final = 24
"""Bytes at the beginning that differ from one ping to the next: times, counters."""
BEGINNING: Final = 32
"""Bytes by which a reply that was cut off is known: what tunnels write first differs in both directions."""
TAIL: Final = 8
"""Bytes beyond those that are enough to tell data from data."""
KEPT: Final = 64
LOOKED_AT: Final = 4_096
"""Identifier and sequence number, between the 8-byte header's start and the data; the header was cut off already."""


@dataclass(slots=True)
class _Talk:
    """Echoes from one host to another."""

    first_ns: int
    sent: int = 0
    large: int = 0
    tails: set[int] = field(default_factory=set)
    repeats: bool = False
    numbers: set[int] = field(default_factory=set)
    contents: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """What was sent by its number: the hash of all, of its beginning, and the length."""
    different: int = 0
    unasked: int = 0
    early: dict[int, int] = field(default_factory=dict)
    """Replies that came before what they answer, by its number: a capture of several queues swaps frames."""
    lengths: set[int] = field(default_factory=set)
    frames: list[int] = field(default_factory=list)


class EchoTunnel:
    """Large echoes by pair of hosts."""

    def __init__(self) -> None:
        self.room = Room()
        self._talks: Table[tuple[int, int], _Talk] = self.room.table(2_048)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        echoes = batch.any_of(_echoes(batch, batch.icmp, ECHOES), _echoes(batch, batch.icmp6, ECHOES6))
        for at in echoes[:LOOKED_AT].tolist():
            asks = int(batch.source_port[at]) == (ECHO if batch.protocol[at] == ICMP else ECHO6)
            ends = (int(batch.source[at]), int(batch.destination[at]))
            pair = ends if asks else ends[::-1]
            talk = self._talks.get(pair) or self._talks.put(pair, _Talk(int(batch.time_ns[at])))
            number = int.from_bytes(batch.data[int(batch.payload_at[at]) - 2 : int(batch.payload_at[at])].tobytes())
            self._note(talk, number, batch.content(at), size=int(batch.payload[at]), asks=asks)
            talk.frames = [*talk.frames, int(batch.number[at])][:FRAMES]
            if self._suspicious(talk) and self._told.due(pair, int(batch.time_ns[at]), talk.sent):
                yield _anomaly(batch, at, pair, talk)

    @staticmethod
    def _note(talk: _Talk, number: int, content: bytes, *, size: int, asks: bool) -> None:
        print_ = hash(content), hash(content[:BEGINNING]), size
        if not asks:
            sent = talk.contents.get(number)
            is_cut = sent is not None and len(content) >= BEGINNING and size < sent[2] and print_[1] == sent[1]
            talk.different += sent is not None and sent[0] != print_[0] and not is_cut
            # What goes like the pings that were seen answers one that was not.
            is_ping = len(content) >= TIME + TAIL and hash(content[TIME:]) in talk.tails
            if sent is None and talk.sent > 0 and not is_ping:
                talk.unasked += 1
                talk.early[number] = print_[0]
                if len(talk.early) > FEW:
                    del talk.early[next(iter(talk.early))]
            if not talk.sent:
                _note_tail(talk, number, content)
            return
        talk.unasked -= talk.early.pop(number, None) == print_[0]
        _note_tail(talk, number, content)
        talk.contents[number] = print_
        if len(talk.contents) > KEPT:
            talk.contents.pop(next(iter(talk.contents)))
        talk.sent += 1
        if len(talk.lengths) < LENGTHS:
            talk.lengths.add(size)
        # What is of one byte carries nothing: so do those by which a system is told (nmap -O).
        if size < LARGE or content.count(content[:1]) == len(content):
            return
        talk.large += 1
        talk.numbers.add(number)
        if len(talk.numbers) > KEPT:
            talk.numbers.pop()

    @staticmethod
    def _suspicious(talk: _Talk) -> bool:
        unasked = talk.unasked >= FEW and 2 * talk.unasked >= talk.sent
        uneven = len(talk.lengths) == LENGTHS and 2 * (talk.different + talk.unasked) >= FEW
        if talk.different >= FEW or unasked or uneven or (len(talk.tails) >= MANY and not talk.repeats):
            return True
        return talk.large >= FEW and len(talk.numbers) <= talk.large // FEW


def _note_tail(talk: _Talk, number: int, content: bytes) -> None:
    """What comes behind the time in an echo; one that ends there says nothing about the others."""
    if len(content) < TIME + TAIL:
        return
    tail = hash(content[TIME:])
    talk.repeats |= tail in talk.tails and number not in talk.contents
    if len(talk.tails) < KEPT:
        talk.tails.add(tail)


def _echoes(batch: Batch, places: Numbers, kinds: OneOf) -> Numbers:
    """Echoes and their replies that carry something."""
    some: Numbers = places[kinds.at(batch.source_port[places]) & (batch.payload[places] > 0)]
    return some


def _anomaly(batch: Batch, at: int, pair: tuple[int, int], talk: _Talk) -> Anomaly:
    text = batch.addresses.text
    return Anomaly(
        name="icmp_tunnel",
        severity=Severity.HIGH,
        words=(
            f"{text(pair[0])} gửi {talk.sent} gói ping bất thường tới {text(pair[1])}: có thể là kênh ngầm",
            f"{text(pair[0])} sent {talk.sent} unusual pings to {text(pair[1])}: this may be a tunnel",
        ),
        source_ip=text(pair[0]),
        first_ns=talk.first_ns,
        last_ns=int(batch.time_ns[at]),
        targets=[Target(text(pair[1]))],
        counts={"packets": talk.sent, "replies_that_differ": talk.different + talk.unasked},
        frames=talk.frames,
    )
