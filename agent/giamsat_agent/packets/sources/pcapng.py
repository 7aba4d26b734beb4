# SPDX-License-Identifier: Apache-2.0
"""Capture files of several sections and interfaces: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/."""

import contextlib
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from giamsat_agent.packets.chunk import FRAME_BYTES, PADDING, Chunk, Damage, Numbers, true_at

MAGIC: Final = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, OBSOLETE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
BLOCK_BYTES: Final = FRAME_BYTES + (1 << 16)
"""The longest block; options included."""
READ_BYTES: Final = 8 << 20
FRAMES: Final = 16_384
"""Frames of one chunk."""
INTERFACES: Final = 4_096
_ORDER: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_MICROSECONDS: Final = 6
_RESOLUTION_OPTION, _OFFSET_OPTION = 9, 14
_START, _SHORTEST = 8, 12
"""Bytes of a block's type and length, and of these with the length once more behind them."""
_HEAD, _FRAMED, _SIMPLE = 28, 32, 16
"""Bytes before a frame, and what its block has beside it; a simple one has less."""
LATEST: Final = 1 << 62
"""Nanoseconds."""


@dataclass(frozen=True, slots=True)
class _Interface:
    """What an interface's frames are, and how their times count: `units` of a second, begun `offset_s` late."""

    link_type: int
    units: int
    offset_s: int
    snap_length: int


class _DamagedError(Exception):
    """The file cannot be read on from here."""


class _Frames(NamedTuple):
    """Where frames lie in the buffer, how long they are, and when they passed which kind of link."""

    link_types: Numbers
    offsets: Numbers
    lengths: Numbers
    times_ns: Numbers


class PcapNg:
    """A capture file whose first bytes are MAGIC."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self.damage: Damage | None = None
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._found: list[_Frames] = []
        self._here = 0
        """Up to where the buffer was looked at."""

    def chunks(self) -> Iterator[Chunk]:
        """Every frame; see `Source`. One buffer serves all chunks."""
        buffer = bytearray(BLOCK_BYTES + READ_BYTES + PADDING)
        at, kept, number, got = 0, 0, 1, 1
        while got and self.damage is None:
            got = self._file.readinto(memoryview(buffer)[kept : kept + READ_BYTES])
            filled = kept + got
            buffer[filled : filled + PADDING] = bytes(PADDING)
            self._here, more, problem = 0, True, ""
            while more and not problem:
                more, problem = self._looked(buffer, filled)
                for chunk in _chunks(buffer, self._found, number):
                    yield chunk
                    number += len(chunk.offsets)
            kept = filled - self._here
            if not problem and not got and kept:
                problem = "the file ends within a block" + "'s header" * (kept < _START)
            at += self._here
            self.damage = Damage(at, problem) if problem else None
            buffer[:kept] = buffer[self._here : filled]

    def _looked(self, buffer: bytearray, filled: int) -> tuple[bool, str]:
        """Look at the whole blocks of one section; whether there were any, and what is wrong with the next one."""
        self._found = []
        try:
            begins, problem = self._begins(memoryview(buffer)[:filled])
            if len(begins):
                self._look(buffer, begins)
        except _DamagedError as error:
            return False, str(error)
        return bool(len(begins)), problem

    def _begins(self, filled: memoryview) -> tuple[Numbers, str]:
        """Where the next whole blocks begin, as far as the next section; what is wrong with the one behind them."""
        here, begins = self._here, array("q")
        if bytes(filled[here : here + 4]) == MAGIC and not self._begun(bytes(filled[here + _START : here + _SHORTEST])):
            return np.array(begins, np.int64), ""
        head_of = struct.Struct(f"{self._order}II").unpack_from
        with contextlib.suppress(struct.error):
            while True:
                kind, length = head_of(filled, here)
                if kind == SECTION and begins:
                    break
                if length < _SHORTEST or length % 4 or length > BLOCK_BYTES:
                    return np.array(begins, np.int64), f"a block claims {length} bytes"
                if here + length > len(filled):
                    break
                begins.append(here)
                here += length
        return np.array(begins, np.int64), ""

    def _begun(self, magic: bytes) -> bool:
        """Begin a section in the byte order that this tells; whether it is there."""
        if len(magic) < 4:  # noqa: PLR2004 - a word
            return False
        if magic not in _ORDER:
            raise _DamagedError("a section without its byte-order magic")
        self._order, self._interfaces = _ORDER[magic], []
        return True

    def _look(self, buffer: bytearray, begins: Numbers) -> None:
        """Note the frames of whole blocks, and the interfaces they are of."""
        data = np.frombuffer(buffer, np.uint8)
        view = np.ndarray((len(data) - _HEAD + 1,), dtype=f"V{_HEAD}", buffer=data, strides=(1,))
        heads = view[begins].view(f"{self._order}u4").reshape(-1, _HEAD // 4).astype(np.int64)
        before = 0
        for place in true_at(heads[:, 0] == INTERFACE).tolist():
            self._note(begins[before:place], heads[before:place])
            self._here, before = int(begins[place]), place + 1
            self._add_interface(bytes(buffer[self._here + _START : self._here + int(heads[place, 1]) - 4]))
        self._note(begins[before:], heads[before:])
        self._here = int(begins[-1] + heads[-1, 1])

    def _add_interface(self, body: bytes) -> None:
        if len(body) < 8 or len(self._interfaces) >= INTERFACES:  # noqa: PLR2004 - link type, reserved, snap length
            raise _DamagedError("an interface description that is too short, or one too many")
        link_type, _, snap = struct.unpack_from(f"{self._order}HHI", body)
        units, offset_s = 10**_MICROSECONDS, 0
        for code, value in self._options(body[8:]):
            if code == _RESOLUTION_OPTION and value:
                power = value[0] & 0x7F
                units = (1 << min(power, 62)) if value[0] & 0x80 else 10 ** min(power, 18)
            elif code == _OFFSET_OPTION and len(value) == 8:  # noqa: PLR2004 - a 64-bit number
                offset_s = struct.unpack(f"{self._order}q", value)[0]
        self._interfaces.append(_Interface(link_type, units, offset_s, snap))

    def _options(self, body: bytes) -> Iterator[tuple[int, bytes]]:
        here = 0
        while here + 4 <= len(body):
            code, length = struct.unpack_from(f"{self._order}HH", body, here)
            if code == 0:
                return
            yield code, body[here + 4 : here + 4 + length]
            here += 4 + length + (-length % 4)

    def _note(self, begins: Numbers, heads: Numbers) -> None:
        """The frames of these blocks; simple ones are of the first interface, and have no time."""
        simple = (heads[:, 0] == SIMPLE) & (len(self._interfaces) > 0)
        framed = true_at(simple | (heads[:, 0] == ENHANCED) | (heads[:, 0] == OBSOLETE))
        if not len(framed):
            return
        begins, simple = begins[framed], simple[framed]
        kinds, lengths, numbers, high, low, captured, _ = heads[framed].T
        if simple.any():
            snap = self._interfaces[0].snap_length or BLOCK_BYTES
            captured = np.where(simple, np.minimum(numbers, np.minimum(lengths - _SIMPLE, snap)).clip(0), captured)
            numbers = np.where(simple, 0, numbers)
        numbers = np.where(kinds == OBSOLETE, numbers & 0xFFFF if self._order == "<" else numbers >> 16, numbers)
        room = lengths - np.where(simple, _SIMPLE, _FRAMED)
        short, unknown, long = ~simple & (room < 0), numbers >= len(self._interfaces), ~simple & (captured > room)
        bad = true_at(short | unknown | long)
        good = int(bad[0]) if len(bad) else len(begins)
        ticks, link_types, times_ns = (high << 32 | low).view(np.uint64), np.zeros_like(begins), np.zeros_like(begins)
        for number in np.unique(numbers[:good]).tolist():
            its = true_at(numbers[:good] == number)
            link_types[its] = self._interfaces[number].link_type
            timed = its[~simple[its]]
            times_ns[timed] = _times(ticks[timed], self._interfaces[number])
        offsets = begins + np.where(simple, _SHORTEST, _HEAD)
        self._found.append(_Frames(link_types[:good], offsets[:good], captured[:good], times_ns[:good]))
        if not len(bad):
            return
        self._here = int(begins[good])
        if short[good]:
            raise _DamagedError("a frame's block is too short for its header")
        if unknown[good]:
            raise _DamagedError(f"a frame of interface {numbers[good]}, which was never described")
        raise _DamagedError(f"a frame claims {captured[good]} bytes, its block has {room[good]}")


def _times(ticks: npt.NDArray[np.uint64], one: _Interface) -> Numbers:
    """Times in nanoseconds, within what a 64-bit column can hold, whatever the file claims."""
    each, rest = divmod(1_000_000_000, one.units)
    if rest == 0 and not one.offset_s and ticks.max(initial=0) <= LATEST // each:
        return (ticks * np.uint64(each)).view(np.int64)
    since_ns = one.offset_s * 1_000_000_000
    exact = (tick * 1_000_000_000 // one.units + since_ns for tick in ticks.tolist())
    return np.array([max(0, min(time_ns, LATEST)) for time_ns in exact], np.int64)


def _chunks(buffer: bytearray, found: list[_Frames], first: int) -> Iterator[Chunk]:
    """The frames, those of one kind of link after each other together."""
    if not found:
        return
    frames = _Frames(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
    changes = true_at(np.diff(frames.link_types)) + 1
    for begin, end in pairwise((0, *changes.tolist(), len(frames.offsets))):
        for place in range(begin, end, FRAMES):
            some = slice(place, min(place + FRAMES, end))
            yield Chunk(
                data=np.frombuffer(buffer, np.uint8),
                offsets=frames.offsets[some],
                lengths=frames.lengths[some],
                times_ns=frames.times_ns[some],
                link_type=int(frames.link_types[place]),
                first=first + place,
            )
