# SPDX-License-Identifier: Apache-2.0
"""The bytes of a segment: records one after the other, each with a header and a checksum. No files here.

record := header (16 bytes, giamsat_wire.frame)  u32 crc  payload, little endian

The first record of a segment describes it (SEGMENT). A data record is a frame as it is sent. A POSITIONS record says
how far the log sources had been read when everything before it was durable; it is never sent. Flags are those of the
wire plus these two.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from giamsat_wire import limits
from giamsat_wire.frame import HEADER, MAGIC, checksum

SEGMENT: Final = 4
POSITIONS: Final = 16
_CRC: Final = struct.Struct("<I")
OVERHEAD: Final = HEADER.size + _CRC.size
_LONGEST: Final = limits.FRAME_BYTES


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it begins and ends in its segment, and what it holds."""

    start: int
    end: int
    flags: int
    seq: int
    payload: bytes
    crc: int

    @property
    def is_frame(self) -> bool:
        """Whether this is data that is sent."""
        return not self.flags & (SEGMENT | POSITIONS)


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """The first record of a segment: whose it is, in which epoch, and how far the logs had been read by then.

    `since` is the number the epoch began with; frames before it belong to an older one and are not sent any more.
    """

    format: int
    epoch: int
    since: int = 1
    agent: str
    boot: str
    created_ns: int
    positions: dict[str, bytes]


FORMAT: Final = 1


def encode(*, flags: int, lane: int, seq: int, payload: bytes) -> bytes:
    """A record."""
    header = HEADER.pack(MAGIC, flags, lane, len(payload), seq)
    return header + _CRC.pack(zlib.crc32(payload, zlib.crc32(header))) + payload


def crc_of(record: bytes) -> int:
    """The checksum an encoded record carries."""
    (crc,) = _CRC.unpack_from(record, HEADER.size)
    return int(crc)


def describe(description: Description, lane: int, first: int) -> bytes:
    """The record a segment begins with."""
    return encode(flags=SEGMENT, lane=lane, seq=first, payload=msgspec.msgpack.encode(description))


def description(record: Record) -> Description | None:
    """What a SEGMENT record says; None when this version cannot read it."""
    try:
        found = msgspec.msgpack.decode(record.payload, type=Description)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if found.format == FORMAT else None


def encode_positions(positions: dict[str, bytes], *, lane: int, seq: int) -> bytes:
    """The record that says how far the logs had been read after frame `seq`."""
    return encode(flags=POSITIONS, lane=lane, seq=seq, payload=msgspec.msgpack.encode(positions))


def positions_of(record: Record) -> dict[str, bytes]:
    """What a POSITIONS record says; nothing when it cannot be read."""
    try:
        return msgspec.msgpack.decode(record.payload, type=dict[str, bytes])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


@dataclass(frozen=True, slots=True)
class Survey:
    """What a segment holds that can be trusted, and where its first damage is (None: it is whole)."""

    records: tuple[Record, ...]
    damaged_at: int | None


def survey(data: bytes, lane: int, first: int) -> Survey:
    """Read a segment whose name says that its frames are numbered from `first`.

    Beyond damage only frames are taken, found by magic and checksum. A frame's number must be one that the bytes
    before it had room to count up to, so that text which looks like a frame cannot move the numbering.
    """
    records: list[Record] = []
    last, at = first - 1, 0
    while (record := _record(data, lane, at)) is not None:
        if not record.is_frame:
            records.append(record)
        elif record.seq > last:
            records.append(record)
            last = record.seq
        at = record.end
    if at == len(data):
        return Survey(tuple(records), None)
    return Survey((*records, *_salvaged(data, lane, at, last)), at)


def was_frame(tail: bytes, lane: int) -> bool:
    """Whether a segment's end that cannot be trusted may have been a frame: more than zeros, and nothing of ours."""
    if len(tail) < OVERHEAD or not any(tail):
        return False
    magic, flags, its_lane, _, _ = HEADER.unpack_from(tail)
    return not (magic == MAGIC and its_lane == lane and flags & (SEGMENT | POSITIONS))


def _salvaged(data: bytes, lane: int, damaged_at: int, last: int) -> Iterator[Record]:
    good = at = damaged_at
    while (at := data.find(MAGIC, at)) >= 0:
        record = _record(data, lane, at)
        if record is None:
            at += 1
            continue
        at = record.end
        if record.is_frame and last < record.seq <= last + 1 + (record.start - good) // OVERHEAD:
            yield record
            last, good = record.seq, record.end


def _record(data: bytes, lane: int, at: int) -> Record | None:
    if at + OVERHEAD > len(data):
        return None
    magic, flags, its_lane, length, seq = HEADER.unpack_from(data, at)
    end = at + OVERHEAD + length
    if magic != MAGIC or its_lane != lane or length > _LONGEST or end > len(data):
        return None
    (crc,) = _CRC.unpack_from(data, at + HEADER.size)
    payload = data[at + OVERHEAD : end]
    if checksum(flags=flags, lane=lane, seq=seq, payload=payload) != crc:
        return None
    return Record(at, end, flags, seq, payload, crc)
