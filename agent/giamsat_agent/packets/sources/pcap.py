# SPDX-License-Identifier: Apache-2.0
"""Classic capture files, both byte orders, µs and ns: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/."""

import contextlib
import struct
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Final

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import FRAME_BYTES, PADDING, Bytes, Chunk, Damage, Numbers, true_at

MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""Byte order, and nanoseconds of one unit of a record's fraction."""
BLOCK_BYTES: Final = 32 << 20
FRAMES_AT_ONCE: Final = 1 << 14
"""Frames of a chunk; a block of tiny ones makes several."""
LARGE, MORE = 256, 4
"""Bytes of a frame on average, from which a chunk has so many times as many: scans and floods, of which each chunk is
looked at one by one up to a bound, come in smaller ones."""
LANE: Final = 1 << 15
"""Bytes of a block that are gone through beside others."""
BEGINNING: Final = 1_536
"""Bytes of a lane that a record is looked for in: one of each frame that no network cuts up."""
STEPS: Final = 512
"""Records of one of them at most: what else takes longer than to go through all one by one."""
AT_ONCE: Final = 4
"""Steps until it is looked whether more are needed."""
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
        # Such an array lies in large pages where the host has them: of what is scattered in it more is found at once.
        buffer = np.empty(_RECORD + FRAME_BYTES + BLOCK_BYTES + PADDING, np.uint8)
        at, kept, number = _HEADER, 0, 1
        while got := self._file.readinto(buffer.data[kept : kept + BLOCK_BYTES]):
            filled = kept + got
            buffer[filled : filled + PADDING] = 0
            found, end = self._records(buffer, filled, order, at)
            at_once = FRAMES_AT_ONCE * (MORE if end >= LARGE * len(found) else 1)
            for begin in range(0, len(found), at_once):
                some = found[begin : begin + at_once]
                yield _chunk(buffer, some, (order, unit_ns, link_type), number)
                number += len(some)
            if self.damage is not None:
                return
            kept, at = filled - end, at + end
            buffer[:kept] = buffer[end:filled]
        if kept:
            self.damage = Damage(at, f"the file ends within frame {number}")

    def _records(self, buffer: Bytes, filled: int, order: str, at: int) -> tuple[Numbers, int]:
        """Where the record of every whole frame begins, and where the rest begins."""
        every = _steps(buffer, filled, order)
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


def _steps(buffer: Bytes, filled: int, order: str) -> Numbers:
    """Where each record begins that has a whole header, and where the next one would: each leads to the one after."""
    found = _beside(buffer, filled, order)
    return np.fromiter(_one_by_one(buffer.data[:filled], order), np.int64) if found is None else found


def _beside(buffer: Bytes, filled: int, order: str) -> Numbers | None:
    """The same, gone through in several lanes at once, each from where something looks like a record on.

    That is right when each leads to where the next one began, else None.
    """
    reach = filled - _RECORD + 1
    lengths = np.ndarray((max(reach, 0) + 1,), f"{order}u4", buffer=buffer, offset=8, strides=(1,))
    starts = _guessed(buffer, lengths, order)
    ends, here = np.append(starts[1:], reach), starts
    rows = [here]
    while len(starts) > 1 and len(rows) < STEPS and (here < ends).any():
        for _ in range(AT_ONCE):
            here = here + lengths[here]
            here += _RECORD
            np.minimum(here, reach, out=here)
            rows.append(here)
    if len(starts) == 1 or (here < ends).any():
        return None
    lanes = np.array(rows)
    within = lanes < ends
    last = lanes[np.count_nonzero(within, axis=0) - 1, np.arange(len(starts))]
    leads = last + _RECORD + lengths[last]
    return None if (leads[:-1] != starts[1:]).any() else np.append(lanes.T[within.T], leads[-1])


def _guessed(buffer: Bytes, lengths: npt.NDArray[np.uint32], order: str) -> Numbers:
    """The first place of each lane that looks like a record which another one follows."""
    # The upper half of the seconds stays the same for hours.
    upper = 2 if order == "<" else 0
    mark, reach = int.from_bytes(buffer[upper : upper + 2].tobytes(), "little"), len(lengths) - 1
    count = max(reach - BEGINNING, 0) // LANE
    first = np.full(count, BEGINNING)
    for odd in range(2):
        halves = np.ndarray((count, BEGINNING // 2), "<u2", buffer=buffer, offset=LANE + upper + odd, strides=(LANE, 2))
        hits = halves == mark
        at = hits.argmax(axis=1)
        first = np.minimum(first, np.where(hits[np.arange(count), at], 2 * at + odd, BEGINNING))
    starts = first + LANE * np.arange(1, count + 1)
    places = np.ndarray((reach + 1,), "<u2", buffer=buffer, offset=upper, strides=(1,))

    def followed(starts: Numbers) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = places[np.minimum(starts + _RECORD + lengths[starts], reach)] == mark
        return found

    good = followed(starts) & (first < BEGINNING)
    # What only looks like one stands before it here and there; a lane without one would make another twice as long.
    for lane in true_at(~good).tolist():
        begin = LANE * (lane + 1)
        others = begin + true_at(places[begin : begin + BEGINNING] == mark)
        others = others[followed(others)][:1]
        starts[lane : lane + len(others)], good[lane] = others, len(others) > 0
    return np.append(0, starts[good])


def _one_by_one(filled: memoryview, order: str) -> Iterator[int]:
    """The same, one after the other: the one loop over frames."""
    length_of, here = struct.Struct(f"{order}8xI4x").unpack_from, 0
    with contextlib.suppress(struct.error):
        while True:
            (length,) = length_of(filled, here)
            yield here
            here += _RECORD + length
    yield here


def _chunk(buffer: Bytes, records: Numbers, format_: tuple[str, int, int], first: int) -> Chunk:
    """The frames behind these records; `format_` is byte order, nanoseconds of a fraction's unit, and link type."""
    order, unit_ns, link_type = format_
    view = np.ndarray((len(buffer) - _RECORD + 1,), dtype=f"V{_RECORD}", buffer=buffer, strides=(1,))
    heads = view[records].view(f"{order}u4").reshape(-1, 4)
    seconds, fractions, lengths = (heads[:, word].astype(np.int64) for word in range(3))
    return Chunk(
        data=buffer,
        offsets=records + _RECORD,
        lengths=lengths,
        times_ns=seconds * 1_000_000_000 + fractions * unit_ns,
        link_type=link_type,
        first=first,
        originals=heads[:, 3],
    )
