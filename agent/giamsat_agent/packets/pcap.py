# SPDX-License-Identifier: Apache-2.0
"""Classic capture files, both byte orders, µs and ns: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/."""

import contextlib
import struct
from collections.abc import Callable, Iterator
from io import BufferedIOBase
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import FRAME_BYTES, PADDING, Chunk, Damage, Numbers, true_at

MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""Byte order, and nanoseconds of one unit of a record's fraction."""
BLOCK_BYTES: Final = 8 << 20
FRAMES_AT_ONCE: Final = 1 << 14
"""Frames of a chunk; a block of tiny ones makes several."""
_HEADER: Final = 24
_RECORD: Final = 16


class Pcap:
    """A capture file whose first bytes are one of MAGIC."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self.damage: Damage | None = None

    def chunks(self) -> Iterator[Chunk]:
        """Every frame; see `Source`. One buffer serves all chunks."""
        head = self._file.read(_HEADER)
        if len(head) < _HEADER:
            self.damage = Damage(len(head), "the file ends within its header")
            return
        order, unit_ns = MAGIC[head[:4]]
        link_type = struct.unpack(f"{order}I", head[20:24])[0] & 0xFFFF
        length_of = struct.Struct(f"{order}8xI4x").unpack_from
        buffer = bytearray(_RECORD + FRAME_BYTES + BLOCK_BYTES + PADDING)
        at, kept, number = _HEADER, 0, 1
        while got := self._file.readinto(memoryview(buffer)[kept : kept + BLOCK_BYTES]):
            filled = kept + got
            buffer[filled : filled + PADDING] = bytes(PADDING)
            found, end = self._records(buffer, filled, length_of, at)
            for begin in range(0, len(found), FRAMES_AT_ONCE):
                some = found[begin : begin + FRAMES_AT_ONCE]
                yield _chunk(buffer, some, (order, unit_ns, link_type), number)
                number += len(some)
            if self.damage is not None:
                return
            kept, at = filled - end, at + end
            buffer[:kept] = buffer[end:filled]
        if kept:
            self.damage = Damage(at, f"the file ends within frame {number}")

    def _records(
        self, buffer: bytearray, filled: int, length_of: Callable[[memoryview, int], tuple[int, ...]], at: int
    ) -> tuple[Numbers, int]:
        """Where the record of every whole frame begins, and where the rest begins."""
        every = np.fromiter(_steps(memoryview(buffer)[:filled], length_of), np.int64)
        found, ends, here = every[:-1], every[1:], int(every[-1])
        long = true_at(ends - found > FRAME_BYTES + _RECORD)
        if len(long):
            place = int(found[long[0]])
            length = int(ends[long[0]]) - place - _RECORD
            self.damage = Damage(at + place, f"a frame claims {length} bytes, at most {FRAME_BYTES} can be")
            return found[: long[0]], place
        if len(found) and here > filled:
            return found[:-1], int(found[-1])
        return found, here


def _steps(filled: memoryview, length_of: Callable[[memoryview, int], tuple[int, ...]]) -> Iterator[int]:
    """Where each record begins that has a whole header, and where the next one would: the one loop over frames."""
    here = 0
    with contextlib.suppress(struct.error):
        while True:
            (length,) = length_of(filled, here)
            yield here
            here += _RECORD + length
    yield here


def _chunk(buffer: bytearray, records: Numbers, format_: tuple[str, int, int], first: int) -> Chunk:
    """The frames behind these records; `format_` is byte order, nanoseconds of a fraction's unit, and link type."""
    order, unit_ns, link_type = format_
    data = np.frombuffer(buffer, np.uint8)
    view = np.ndarray((len(data) - _RECORD + 1,), dtype=f"V{_RECORD}", buffer=data, strides=(1,))
    heads = view[records].view(f"{order}u4").reshape(-1, 4)
    seconds, fractions, lengths, originals = (heads[:, word].astype(np.int64) for word in range(4))
    return Chunk(
        data=data,
        offsets=records + _RECORD,
        lengths=lengths,
        times_ns=seconds * 1_000_000_000 + fractions * unit_ns,
        link_type=link_type,
        first=first,
        originals=originals,
    )
