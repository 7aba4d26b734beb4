# SPDX-License-Identifier: Apache-2.0
"""Classic capture files, both byte orders, µs and ns: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np

from giamsat_agent.packets.chunk import FRAME_BYTES, PADDING, Chunk, Damage

MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""Byte order, and nanoseconds of one unit of a record's fraction."""
BLOCK_BYTES: Final = 2 << 20
_HEADER: Final = 24
_RECORD: Final = 16


class Pcap:
    """A capture file whose first bytes are one of MAGIC."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.damage: Damage | None = None

    def chunks(self) -> Iterator[Chunk]:
        """Every frame; see `Source`."""
        head = self._file.read(_HEADER)
        if len(head) < _HEADER:
            self.damage = Damage(len(head), "the file ends within its header")
            return
        order, unit_ns = MAGIC[head[:4]]
        link_type = struct.unpack(f"{order}I", head[20:24])[0] & 0xFFFF
        record = struct.Struct(f"{order}IIII")
        at, kept, number = _HEADER, b"", 1
        while block := self._file.read(BLOCK_BYTES):
            buffer = kept + block
            found, end = self._records(buffer, record, at)
            if found:
                yield _chunk(buffer, found, unit_ns, link_type, number)
                number += len(found)
            if self.damage is not None:
                return
            kept, at = buffer[end:], at + end
        if kept:
            self.damage = Damage(at, f"the file ends within frame {number}")

    def _records(self, buffer: bytes, record: struct.Struct, at: int) -> tuple[list[tuple[int, int, int, int]], int]:
        """(offset, length, seconds, fraction) of every whole frame, and where the rest begins."""
        found, here, size = [], 0, len(buffer)
        read = record.unpack_from
        while here + _RECORD <= size:
            seconds, fraction, length, _ = read(buffer, here)
            if length > FRAME_BYTES:
                self.damage = Damage(at + here, f"a frame claims {length} bytes, at most {FRAME_BYTES} can be")
                break
            if here + _RECORD + length > size:
                break
            found.append((here + _RECORD, length, seconds, fraction))
            here += _RECORD + length
        return found, here


def _chunk(buffer: bytes, found: list[tuple[int, int, int, int]], unit_ns: int, link_type: int, first: int) -> Chunk:
    table = np.array(found, dtype=np.int64)
    return Chunk(
        data=np.frombuffer(buffer + bytes(PADDING), np.uint8),
        offsets=table[:, 0],
        lengths=table[:, 1],
        times_ns=table[:, 2] * 1_000_000_000 + table[:, 3] * unit_ns,
        link_type=link_type,
        first=first,
    )
