# SPDX-License-Identifier: Apache-2.0
"""Metric frames made fewer: one of so many keeps its reading, the others keep their number and nothing else.

So the numbering has no holes, and a reading goes under the number it always had. Those kept are encoded anew, in a
chain that cannot be taken for the one they were in. No files here.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_agent.spool import segment
from giamsat_agent.spool.segment import Record
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import FrameFlag, Readings, decode, encode_readings
from giamsat_wire.errors import MalformedError, WireError
from giamsat_wire.record import SampleSet

MOST: Final = 16
"""A reading of every fourth minute where there was one each 15 seconds; what is still too much is given up whole."""


@dataclass(frozen=True, slots=True)
class Thinned:
    """What a segment would hold: its bytes, one reading of `every` numbers, and how many readings that gives up."""

    data: bytes
    every: int
    given_up: int


def kept_of(numbers: Iterable[int]) -> int:
    """Of how many numbers one still holds something, from those that do: 1, 2, 4, 8 or 16."""
    return math.gcd(MOST, *numbers)


def begins_chain(records: Iterable[Record]) -> bool:
    """Whether the first reading among these can be read without what came before."""
    flags = next((record.flags for record in records if record.is_frame and record.payload), FrameFlag.KEYFRAME)
    return bool(flags & FrameFlag.KEYFRAME)


def thinned(records: Sequence[Record], lane: int, every: int) -> Thinned | None:
    """A segment with one reading of `every` numbers; None when it holds what cannot be read as readings."""
    try:
        kept = list(_fewer(records, every))
    except WireError:
        return None
    data = (segment.encode(flags=flags, lane=lane, seq=seq, payload=payload) for seq, flags, payload in kept)
    before, after = (
        sum(bool(payload) for payload in payloads)
        for payloads in ([record.payload for record in records], [payload for *_, payload in kept])
    )
    return Thinned(b"".join(data), every, before - after)


def _fewer(records: Iterable[Record], every: int) -> Iterator[tuple[int, int, bytes]]:
    """Number, flags and payload of each record anew; WireError when one cannot be read."""
    before, after = ChainDecoder(), ChainEncoder(every)
    for record in records:
        if not record.is_frame or not record.payload:
            yield record.seq, record.flags, record.payload
            continue
        found = decode(record.flags, record.payload, before)
        if not isinstance(found, Readings):
            raise MalformedError("not a metric frame")
        if record.seq % every:
            yield record.seq, 0, b""
        else:
            sets = [SampleSet(one.wall_ns, one.mono_ns, one.samples) for one in found.sets]
            encoded = encode_readings(after, sets, begin=False)
            yield record.seq, encoded.flags, encoded.payload
