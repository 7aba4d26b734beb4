# SPDX-License-Identifier: Apache-2.0
"""Frames as bytes of a day file, and back. No files here.

A file is blocks one after another. A block is a head (magic, CRC-32 of all that follows it, lengths, and which frames
and times it holds) and a body: frames one after another, compressed with zstd. What is damaged is passed over up to the
next head.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import zstandard

from giamsat_collector.errors import CollectorError
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_wire.lane import Lane

MAGIC: Final = b"\x89GSDAY1\n"
_HEAD: Final = struct.Struct("<8sIIIqqqq")
_ROW: Final = struct.Struct("<qqBqIqqBI")
HEAD_BYTES: Final = _HEAD.size
BODY_BYTES: Final = 64 << 20
"""The longest body, decompressed: a batch of the largest frames fits."""


class DamagedError(CollectorError):
    """Bytes of a day file are not what was written."""


@dataclass(frozen=True, slots=True)
class Head:
    """Which frames a block holds (ids and times of receipt, first and last), and how long its body is."""

    checksum: int
    length: int
    raw: int
    first_id: int
    last_id: int
    first_ns: int
    last_ns: int


def encode(frames: Sequence[StoredFrame]) -> bytes:
    """The block of these frames, which stand in the order of their ids; at least one."""
    raw = b"".join(_rows(frames))
    body = zstandard.ZstdCompressor().compress(raw)
    times = [frame.received_ns for frame in frames]
    fields = (len(body), len(raw), frames[0].id, frames[-1].id, min(times), max(times))
    checksum = zlib.crc32(_HEAD.pack(MAGIC, 0, *fields) + body)
    return _HEAD.pack(MAGIC, checksum, *fields) + body


def head(data: bytes) -> Head | None:
    """What these bytes say as a head; None when they are none."""
    if len(data) < HEAD_BYTES:
        return None
    magic, checksum, length, raw, *rest = _HEAD.unpack_from(data)
    return Head(checksum, length, raw, *rest) if magic == MAGIC and raw <= BODY_BYTES and length <= BODY_BYTES else None


def whole(said: Head, body: bytes) -> bool:
    """Whether a body is the one its head was written with."""
    fields = (said.length, said.raw, said.first_id, said.last_id, said.first_ns, said.last_ns)
    return len(body) == said.length and zlib.crc32(_HEAD.pack(MAGIC, 0, *fields) + body) == said.checksum


def decode(said: Head, body: bytes) -> Iterator[StoredFrame]:
    """The frames of a body that is whole.

    Raises:
        DamagedError: it is not what it should be.
    """
    try:
        raw = _inflated(body, said.raw)
        at = 0
        while at < len(raw):
            ident, epoch, lane, seq, flags, received_ns, offset_ns, name, length = _ROW.unpack_from(raw, at)
            at += _ROW.size
            agent, payload = raw[at : at + name].decode(), raw[at + name : at + name + length]
            at += name + length
            yield StoredFrame(ident, agent, epoch, Lane(lane), seq, flags, received_ns, offset_ns, payload)
    except (zstandard.ZstdError, struct.error, ValueError) as error:
        raise DamagedError(f"a block of frames {said.first_id} to {said.last_id} cannot be read: {error}") from error


def _inflated(body: bytes, most: int) -> bytes:
    # The library makes room for what a frame says of itself, whatever the most may be.
    if zstandard.frame_content_size(body) > most:
        raise ValueError("it says that it is longer than its head does")
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=most)


def _rows(frames: Sequence[StoredFrame]) -> Iterator[bytes]:
    for one in frames:
        agent = one.agent.encode()
        yield _ROW.pack(
            one.id,
            one.epoch,
            int(one.lane),
            one.seq,
            one.flags,
            one.received_ns,
            one.offset_ns,
            len(agent),
            len(one.payload),
        )
        yield agent + one.payload
