# SPDX-License-Identifier: Apache-2.0
"""Classic capture files, both byte orders, µs and ns: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/."""

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

import numpy as np

from giamsat_agent.packets.chunk import FRAME_BYTES, PADDING, Chunk, Damage, Numbers

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
        length_of = struct.Struct(f"{order}I").unpack_from
        at, kept, number = _HEADER, b"", 1
        while block := self._file.read(BLOCK_BYTES):
            buffer = kept + block
            found, end = self._records(buffer, length_of, at)
            if found:
                yield _chunk(buffer, np.array(found, dtype=np.int64), (order, unit_ns, link_type), number)
                number += len(found)
            if self.damage is not None:
                return
            kept, at = buffer[end:], at + end
        if kept:
            self.damage = Damage(at, f"the file ends within frame {number}")

    def _records(
        self, buffer: bytes, length_of: Callable[[bytes, int], tuple[int, ...]], at: int
    ) -> tuple[list[int], int]:
        """Where the record of every whole frame begins, and where the rest begins: the one loop over single frames."""
        found: list[int] = []
        here, last = 0, len(buffer) - _RECORD
        while here <= last:
            (length,) = length_of(buffer, here + 8)
            following = here + _RECORD + length
            if following > last + _RECORD or length > FRAME_BYTES:
                if length > FRAME_BYTES:
                    self.damage = Damage(at + here, f"a frame claims {length} bytes, at most {FRAME_BYTES} can be")
                break
            found.append(here)
            here = following
        return found, here


def _chunk(buffer: bytes, records: Numbers, format_: tuple[str, int, int], first: int) -> Chunk:
    """The frames behind these records; `format_` is byte order, nanoseconds of a fraction's unit, and link type."""
    order, unit_ns, link_type = format_
    data = np.frombuffer(buffer + bytes(PADDING), np.uint8)
    view = np.ndarray((len(data) - _RECORD + 1,), dtype=f"V{_RECORD}", buffer=data, strides=(1,))
    heads = view[records].view(f"{order}u4").reshape(-1, 4).astype(np.int64)
    return Chunk(
        data=data,
        offsets=records + _RECORD,
        lengths=heads[:, 2],
        times_ns=heads[:, 0] * 1_000_000_000 + heads[:, 1] * unit_ns,
        link_type=link_type,
        first=first,
    )
