# SPDX-License-Identifier: Apache-2.0
"""The packets that show an anomaly, as a small capture file: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/.

At most FRAMES frames of at most KEPT bytes each, so that no capture is longer than 64 KiB.
"""

import hashlib
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_agent.packets.anomaly import FRAMES, Anomaly
from giamsat_agent.packets.chunk import Chunk, Source
from giamsat_agent.packets.columns.link import ETHERNET

KEPT: Final = 3_072
_HEADER: Final = struct.Struct("<IHHiIII")
_RECORD: Final = struct.Struct("<IIII")
_NANOSECONDS: Final = 0xA1B23C4D
_TAG_AT: Final = 12


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: when, how long it was on the wire, of which link type, and what was captured of it."""

    time_ns: int
    original: int
    link_type: int
    data: bytes


def identity(pcap: bytes) -> str:
    """The id of a capture: it follows from its bytes, so both ends can tell that they are the same."""
    return hashlib.sha256(pcap).hexdigest()[:32]


def as_pcap(frames: Sequence[Frame]) -> bytes:
    """A capture of the first frames of the first one's link type; nothing when there are none."""
    if not frames:
        return b""
    link_type = frames[0].link_type
    out = [_HEADER.pack(_NANOSECONDS, 2, 4, 0, 0, KEPT, link_type)]
    for frame in [one for one in frames if one.link_type == link_type][:FRAMES]:
        seconds, nanos = divmod(frame.time_ns, 1_000_000_000)
        kept = frame.data[:KEPT]
        out += [_RECORD.pack(seconds & 0xFFFFFFFF, nanos, len(kept), max(frame.original, len(kept)) & 0xFFFFFFFF), kept]
    return b"".join(out)


def picked(chunk: Chunk, places: Iterable[int]) -> Iterator[Frame]:
    """Some frames of a chunk, with the VLAN tag that the kernel took off put back."""
    for place in places:
        begin, length = int(chunk.offsets[place]), int(chunk.lengths[place])
        data = chunk.data[begin : begin + min(length, KEPT)].tobytes()
        original = length if chunk.originals is None else int(chunk.originals[place])
        if chunk.vlans is not None and chunk.vlans[place] and chunk.link_type == ETHERNET:
            tag = struct.pack(">HH", 0x8100, int(chunk.vlans[place]))
            data, original = data[:_TAG_AT] + tag + data[_TAG_AT:], original + len(tag)
        yield Frame(int(chunk.times_ns[place]), original, chunk.link_type, data)


def collected(source: Source, anomalies: Sequence[Anomaly]) -> Iterator[bytes]:
    """A capture for each anomaly found in a source, which is read once more from its beginning."""
    wanted = sorted({number for anomaly in anomalies for number in anomaly.frames})
    found: dict[int, Frame] = {}
    for chunk in source.chunks():
        end = chunk.first + len(chunk.offsets)
        numbers = wanted[bisect_left(wanted, chunk.first) : bisect_left(wanted, end)]
        found.update(zip(numbers, picked(chunk, (number - chunk.first for number in numbers)), strict=True))
        if not wanted or end > wanted[-1]:
            break
    for anomaly in anomalies:
        yield as_pcap([found[number] for number in anomaly.frames if number in found])
