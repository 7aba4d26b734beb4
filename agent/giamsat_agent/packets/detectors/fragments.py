# SPDX-License-Identifier: Apache-2.0
"""Fragments that no host sends to be understood: tiny ones, ones that overlap, and floods that belong to nothing.

Tiny and overlapping ones are made to slip through filters (RFC 1858, RFC 3128) or to make hosts stumble; pieces whose
beginning never comes fill the memory of whoever waits for it. No link is so narrow that pieces of less than TINY bytes
are needed, and who cuts a datagram does not cut it twice.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.chunk import true_at
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_wire.clock import SECOND_NS

TINY: Final = 128
"""Bytes of a piece that is not the last one."""
SMALL, SMALL_NS = 50, 10 * SECOND_NS
OVERLAPS, OVERLAPS_NS = 3, 60 * SECOND_NS
LOOSE, LOOSE_NS = 500, SECOND_NS
STARTED: Final = 0.1
"""The part of datagrams whose beginning comes, from which pieces are no flood."""
SOON_NS: Final = SECOND_NS
"""Within so long no host uses the number of a datagram again without beginning anew."""
WAIT_NS: Final = 30 * SECOND_NS
"""How long hosts wait for the rest of a datagram (RFC 791; Linux); then its number may be another's."""
DATAGRAMS: Final = 2_048
PIECES: Final = 64
HOSTS: Final = 256
LOOKED_AT: Final = 2_048
HEADER: Final = 20
_PLAIN: Final = 0x45

_Key = tuple[int, int, int]
"""Source, destination, and the number of a datagram."""


@dataclass(slots=True)
class _Datagram:
    """The pieces that came of one, by where they begin: where they end; and where it ends itself, 0 if unknown."""

    at_ns: int
    pieces: dict[int, int] = field(default_factory=dict)
    end: int = 0

    def is_whole(self) -> bool:
        """Whether all pieces came, each beginning where another one ends."""
        reached = 0
        while reached in self.pieces and reached < self.end:
            reached = self.pieces[reached]
        return 0 < self.end == reached


@dataclass(slots=True)
class _Host:
    """What reached a host lately: when and in which frame, and which pieces began a datagram."""

    small: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2 * SMALL))
    overlaps: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2 * SMALL))
    pieces: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2 * LOOSE))
    starts: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=2 * LOOSE))


class Fragments:
    """Pieces of datagrams by the host they are sent to."""

    def __init__(self) -> None:
        self.room = Room()
        self._open: Table[_Key, _Datagram] = self.room.table(DATAGRAMS)
        self._hosts: Table[int, _Host] = self.room.table(HOSTS)
        self._told: Told[tuple[int, str]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        places = true_at(batch.parts)[:LOOKED_AT]
        for at in places[batch.data[batch.transport_at[places] - HEADER] == _PLAIN].tolist():
            yield from self._piece(batch, at)

    def _piece(self, batch: Batch, at: int) -> Iterator[Anomaly]:
        start = int(batch.transport_at[at]) - HEADER
        head = batch.data[start + 4 : start + 8].tobytes()
        word = int.from_bytes(head[2:])
        begin, more, size = (word & 0x1FFF) * 8, bool(word & 0x2000), int(batch.size[at]) - HEADER
        host = self._hosts.get(int(batch.destination[at])) or self._hosts.put(int(batch.destination[at]), _Host())
        seen = int(batch.time_ns[at]), int(batch.number[at])
        if begin == 0:
            host.starts.append(seen)
        else:
            host.pieces.append(seen)
        if more and size < TINY:
            host.small.append(seen)
            yield from self._judged(batch, at, host.small, (SMALL, SMALL_NS, "tiny"))
        if self._overlaps(batch, at, head[:2], (begin, begin + size, more)):
            host.overlaps.append(seen)
            yield from self._judged(batch, at, host.overlaps, (OVERLAPS, OVERLAPS_NS, "overlapping"))
        if begin and not _reached(host.starts, seen[0], round(STARTED * LOOSE), LOOSE_NS):
            yield from self._judged(batch, at, host.pieces, (LOOSE, LOOSE_NS, "loose"))

    def _overlaps(self, batch: Batch, at: int, name: bytes, place: tuple[int, int, bool]) -> bool:
        """Whether a piece lies over another one of its datagram, and is not the same again.

        The number of a datagram is free for another one when all its pieces came, when the first one comes again, and
        after SOON_NS where a piece begins as another one did: a host cuts all it sends in the same places, so that only
        the length differs. Sooner the one lies over the other.
        """
        key = int(batch.source[at]), int(batch.destination[at]), int.from_bytes(name)
        known, now_ns, (begin, end, more) = self._open.get(key), int(batch.time_ns[at]), place
        if known is not None and known.pieces.get(begin) == end:
            if begin:
                return False
            known = None
        if known is None or now_ns - known.at_ns > (SOON_NS if begin in known.pieces else WAIT_NS):
            known = self._open.put(key, _Datagram(now_ns))
        over = any(begin < its_end and its_begin < end for its_begin, its_end in known.pieces.items())
        if len(known.pieces) < PIECES:
            known.pieces[begin] = end
        known.end = known.end if more else end
        if over or known.is_whole():
            self._open.drop(key)
        return over

    def _judged(
        self, batch: Batch, at: int, seen: deque[tuple[int, int]], floor: tuple[int, int, str]
    ) -> Iterator[Anomaly]:
        least, span_ns, how = floor
        host, now_ns = int(batch.destination[at]), int(batch.time_ns[at])
        if not _reached(seen, now_ns, least, span_ns) or not self._told.may((host, how), now_ns, seen.maxlen or least):
            return
        its = [one for one in seen if now_ns - one[0] <= span_ns]
        if not self._told.due((host, how), now_ns, len(its)):
            return
        text, source = batch.addresses.text, int(batch.source[at])
        what = {
            "tiny": ("mảnh gói tin quá nhỏ", "tiny fragments"),
            "overlapping": ("mảnh gói tin chồng lên nhau", "overlapping fragments"),
            "loose": ("mảnh gói tin không có phần đầu", "fragments of nothing"),
        }[how]
        yield Anomaly(
            name="fragment_flood",
            severity=Severity.MEDIUM,
            words=(
                f"{text(source)} gửi {len(its)} {what[0]} tới {text(host)}",
                f"{text(source)} sent {len(its)} {what[1]} to {text(host)}",
            ),
            source_ip=text(source),
            first_ns=its[0][0],
            last_ns=now_ns,
            targets=[Target(text(host))],
            counts={"packets": len(its), how: len(its)},
            frames=[number for _, number in its],
        )


def _reached(seen: deque[tuple[int, int]], now_ns: int, least: int, span_ns: int) -> bool:
    """Whether so many were seen within the span."""
    return len(seen) >= least and now_ns - seen[-least][0] <= span_ns
