# SPDX-License-Identifier: Apache-2.0
"""Capture files of several sections and interfaces: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import FRAME_BYTES, PADDING, Chunk, Damage

MAGIC: Final = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, OBSOLETE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
BLOCK_BYTES: Final = FRAME_BYTES + (1 << 16)
"""The longest block; options included."""
FRAMES: Final = 16_384
"""Frames of one chunk."""
INTERFACES: Final = 4_096
_ORDER: Final = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_MICROSECONDS: Final = 6
_RESOLUTION_OPTION, _OFFSET_OPTION = 9, 14


@dataclass(frozen=True, slots=True)
class _Interface:
    """What an interface's frames are, and how their times count: `units` of a second, begun `offset_s` late."""

    link_type: int
    units: int
    offset_s: int
    snap_length: int


class _DamagedError(Exception):
    """The file cannot be read on from here."""


class PcapNg:
    """A capture file whose first bytes are MAGIC."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self.damage: Damage | None = None
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._at = 0

    def chunks(self) -> Iterator[Chunk]:
        """Every frame; see `Source`."""
        waiting: list[tuple[int, bytes, int]] = []
        number = 1
        try:
            for link_type, time_ns, frame in self._frames():
                if waiting and (waiting[0][0] != link_type or len(waiting) == FRAMES):
                    yield _chunk(waiting, number)
                    number += len(waiting)
                    waiting = []
                waiting.append((link_type, frame, time_ns))
        except _DamagedError as error:
            self.damage = Damage(self._at, str(error))
        if waiting:
            yield _chunk(waiting, number)

    def _frames(self) -> Iterator[tuple[int, int, bytes]]:
        while head := self._file.read(8):
            kind, body = self._block(head)
            if kind == INTERFACE:
                self._add_interface(body)
            elif kind in {ENHANCED, OBSOLETE}:
                yield self._enhanced(kind, body)
            elif kind == SIMPLE and self._interfaces:
                original = struct.unpack_from(f"{self._order}I", body)[0] if len(body) >= 4 else 0  # noqa: PLR2004
                one = self._interfaces[0]
                length = min(original, one.snap_length or original, len(body) - 4)
                yield one.link_type, 0, body[4 : 4 + length]
            self._at += len(body) + 12

    def _block(self, head: bytes) -> tuple[int, bytes]:
        """The kind and body of the block that begins with `head`."""
        if len(head) < 8:  # noqa: PLR2004 - type and length
            raise _DamagedError("the file ends within a block's header")
        if head[:4] == MAGIC:
            magic = self._file.read(4)
            if magic not in _ORDER:
                raise _DamagedError("a section without its byte-order magic")
            self._order, self._interfaces = _ORDER[magic], []
        else:
            magic = b""
        kind, length = struct.unpack(f"{self._order}II", head)
        if length < 12 or length % 4 or length > BLOCK_BYTES:  # noqa: PLR2004 - header and trailer
            raise _DamagedError(f"a block claims {length} bytes")
        rest = magic + self._file.read(length - 8 - len(magic))
        if len(rest) < length - 8:
            raise _DamagedError("the file ends within a block")
        return kind, rest[:-4]

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

    def _enhanced(self, kind: int, body: bytes) -> tuple[int, int, bytes]:
        if len(body) < 20:  # noqa: PLR2004 - interface, time, captured and original length
            raise _DamagedError("a frame's block is too short for its header")
        number, high, low, captured, _ = struct.unpack_from(f"{self._order}IIIII", body)
        if kind == OBSOLETE:
            number = struct.unpack_from(f"{self._order}H", body)[0]
        if number >= len(self._interfaces):
            raise _DamagedError(f"a frame of interface {number}, which was never described")
        if captured > len(body) - 20:
            raise _DamagedError(f"a frame claims {captured} bytes, its block has {len(body) - 20}")
        one = self._interfaces[number]
        ticks = (high << 32) | low
        return (
            one.link_type,
            _clamped(ticks * 1_000_000_000 // one.units + one.offset_s * 1_000_000_000),
            body[20 : 20 + captured],
        )


def _clamped(time_ns: int) -> int:
    """A time that a 64-bit column can hold, whatever the file claims."""
    return max(0, min(time_ns, (1 << 62)))


def _chunk(waiting: list[tuple[int, bytes, int]], first: int) -> Chunk:
    lengths = np.array([len(frame) for _, frame, _ in waiting], dtype=np.int64)
    ends = np.cumsum(lengths)
    return Chunk(
        data=np.frombuffer(b"".join(frame for _, frame, _ in waiting) + bytes(PADDING), np.uint8),
        offsets=ends - lengths,
        lengths=lengths,
        times_ns=np.array([at for _, _, at in waiting], dtype=np.int64),
        link_type=waiting[0][0],
        first=first,
    )
