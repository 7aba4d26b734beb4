# SPDX-License-Identifier: Apache-2.0
"""What a lane's folder holds after whatever happened to it. Start-up never fails for damage: it salvages and declares.

Numbering never goes back: the next frame comes after the cursor, after every whole frame, and after what the names of
even empty segments promise.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.spool import segment
from giamsat_agent.spool.files import Files
from giamsat_agent.spool.segment import Record

NAME: Final = re.compile(r"\A([0-9a-f]{16})\.seg\Z")
CURSORS: Final = ("cursor.a", "cursor.b")
BAD_BYTES: Final = 1 << 20
BAD_FILES: Final = 8
_CURSOR: Final = struct.Struct("<QI")


@dataclass(slots=True)
class Segment:
    """One segment file: the numbers of its first and last frame, its size."""

    name: str
    first: int
    last: int
    size: int
    frames: int = 0


@dataclass(slots=True)
class Recovered:
    """A lane as it was found. `holes` are ranges of frames that are damaged beyond salvage."""

    segments: list[Segment] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    next: int = 1
    acked: int = 0
    epoch: int | None = None
    positions: dict[str, bytes] = field(default_factory=dict)
    holes: list[tuple[int, int]] = field(default_factory=list)
    damaged: int = 0


def recover(files: Files, lane: int) -> Recovered:
    """Read a lane's folder; damaged segments are set aside and rewritten with what could be salvaged.

    Raises:
        OSError: the folder itself cannot be read or written.
    """
    found = Recovered(acked=read_cursor(files))
    found.next = found.acked + 1
    last = 0
    for name in sorted(name for name in files.names() if NAME.match(name)):
        first = int(name[:16], 16)
        whole = _whole_records(files, name, lane, found)
        frames = [record for record in whole if record.is_frame and record.seq > last]
        for hole in _holes(last, frames):
            found.holes.append(hole)
        for record in whole:
            _learn(found, record)
        if frames:
            last = frames[-1].seq
            size = whole[-1].end
            found.segments.append(Segment(name, frames[0].seq, last, size, len(frames)))
        else:
            found.empty.append(name)
        found.next = max(found.next, first, last + 1)
    found.holes = [(max(first, found.acked + 1), end) for first, end in found.holes if end > found.acked]
    return found


def read_cursor(files: Files) -> int:
    """The last acknowledged number that was written down whole; 0 when none was."""
    best = 0
    for name in CURSORS:
        try:
            data = files.read(name)
        except OSError:
            continue
        if len(data) == _CURSOR.size:
            seq, crc = _CURSOR.unpack(data)
            if zlib.crc32(data[:8]) == crc:
                best = max(best, seq)
    return best


def write_cursor(files: Files, seq: int) -> None:
    """Note what was acknowledged. It is not made durable: losing it only sends something again."""
    number = struct.pack("<Q", seq)
    files.put(CURSORS[seq & 1], number + struct.pack("<I", zlib.crc32(number)))


def _whole_records(files: Files, name: str, lane: int, found: Recovered) -> list[Record]:
    data = files.read(name)
    whole = list(segment.scan(data, lane))
    good = whole[-1].end if whole else 0
    if good == len(data):
        return whole
    found.damaged += 1
    salvaged = list(segment.salvage(data, lane, good))
    _set_aside(files, name, data[good : good + BAD_BYTES])
    kept = [data[record.start : record.end] for record in (*whole, *salvaged)]
    files.replace(name, b"".join(kept))
    return list(segment.scan(b"".join(kept), lane))


def _set_aside(files: Files, name: str, data: bytes) -> None:
    """Keep damaged bytes for whoever wants to look, the newest few."""
    bad = sorted(name for name in files.names() if name.endswith(".bad"))
    for old in bad[: max(0, len(bad) - BAD_FILES + 1)]:
        files.remove(old)
    files.put(f"{name}.bad", data)


def _learn(found: Recovered, record: Record) -> None:
    if record.flags & segment.SEGMENT:
        description = segment.description(record)
        if description is not None:
            found.epoch = description.epoch
            found.positions.update(description.positions)
    elif record.flags & segment.POSITIONS:
        found.positions.update(segment.positions_of(record))


def _holes(last: int, frames: list[Record]) -> Iterator[tuple[int, int]]:
    for record in frames:
        if last and record.seq > last + 1:
            yield last + 1, record.seq - 1
        last = record.seq
