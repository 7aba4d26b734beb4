# SPDX-License-Identifier: Apache-2.0
"""Small captures as agents send them: looked through frame by frame before they are believed, and put together.

The form is that of classic capture files, little-endian, nanoseconds; nothing else is taken. Decides only.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from giamsat_collector.errors import RefusedError
from giamsat_wire.clock import SECOND_NS

BYTES: Final = 64 << 10
FRAMES: Final = 100
_HEADER: Final = struct.Struct("<IHHiIII")
_RECORD: Final = struct.Struct("<IIII")
_NANOSECONDS: Final = 0xA1B23C4D
_SNAP: Final = 262_144


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """A frame: when (UNIX nanoseconds), its bytes, and how long it was on the wire."""

    at_ns: int
    data: bytes
    original: int


@dataclass(frozen=True, slots=True)
class Capture:
    """Frames of one link type."""

    link_type: int
    frames: tuple[Frame, ...]


def read(raw: bytes) -> Capture:
    """What a capture holds.

    Raises:
        RefusedError: it is not of this form, or larger than allowed.
    """
    if len(raw) > BYTES or len(raw) < _HEADER.size:
        raise RefusedError(f"a capture of {len(raw)} bytes: at most {BYTES} can be")
    magic, major, minor, _, _, _, link_type = _HEADER.unpack_from(raw)
    if (magic, major, minor) != (_NANOSECONDS, 2, 4):
        raise RefusedError("not a capture in nanoseconds, version 2.4")
    frames: list[Frame] = []
    here = _HEADER.size
    while here < len(raw):
        if here + _RECORD.size > len(raw) or len(frames) == FRAMES:
            raise RefusedError(f"a capture that ends within a frame, or has more than {FRAMES}")
        seconds, nanos, length, original = _RECORD.unpack_from(raw, here)
        here += _RECORD.size + length
        if here > len(raw) or nanos >= SECOND_NS:
            raise RefusedError(f"a frame that claims {length} bytes, or a time that cannot be")
        frames.append(Frame(seconds * SECOND_NS + nanos, raw[here - length : here], original))
    return Capture(link_type, tuple(frames))


def written(captures: Iterable[Capture], link_type: int) -> bytes:
    """One capture with the frames of all those of this link type, by time, each once."""
    every = {frame for capture in captures if capture.link_type == link_type for frame in capture.frames}
    out = [_HEADER.pack(_NANOSECONDS, 2, 4, 0, 0, _SNAP, link_type)]
    for frame in sorted(every):
        seconds, nanos = divmod(frame.at_ns, SECOND_NS)
        out += [_RECORD.pack(seconds, nanos, len(frame.data), frame.original), frame.data]
    return b"".join(out)
