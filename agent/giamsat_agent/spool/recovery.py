# SPDX-License-Identifier: Apache-2.0
"""What a lane's folder holds after whatever happened to it. Start-up never fails for damage: it salvages and declares.

Numbering never goes back: the next frame comes after the cursor, after every whole frame, and after what the names of
even empty segments promise. Only reading is needed; what is written here is a courtesy that a full disk may refuse.
"""

import contextlib
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.spool import segment, thinning
from giamsat_agent.spool.files import Files, Readable
from giamsat_agent.spool.segment import Record

NAME: Final = re.compile(r"\A([0-9a-f]{16})\.seg\Z")
CURSORS: Final = ("cursor.a", "cursor.b")
BAD_BYTES: Final = 1 << 20
BAD_FILES: Final = 8
_CURSOR: Final = struct.Struct("<QI")


@dataclass(slots=True)
class Segment:
    """One segment file: the numbers of its first and last frame, its bytes, when it was last written (monotonic).

    Without frames `last` is before `first`. After a failed write the file may hold more than what counts here.
    One of `every` frames still holds something.
    """

    name: str
    first: int
    last: int
    size: int
    written_ns: int
    every: int = 1

    @property
    def is_empty(self) -> bool:
        """Whether it holds no frame."""
        return self.last < self.first


@dataclass(slots=True)
class Recovered:
    """A lane as it was found.

    `epoch` is None when there is none to go on with: a new spool, or a newest segment of which nothing is left.
    `spent` names segments without frames; they keep the numbering until a newer segment exists. `holes` are ranges
    of frames that are damaged beyond salvage. `unsure` are the records of the newest segment, with their bytes, when
    the disk refused to make them durable again: they do not count before it has.
    """

    segments: list[Segment] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)
    next: int = 1
    acked: int = 0
    epoch: int | None = None
    since: int = 1
    positions: dict[str, bytes] = field(default_factory=dict)
    holes: list[tuple[int, int]] = field(default_factory=list)
    damaged: int = 0
    unsure: list[tuple[Record, bytes]] = field(default_factory=list)


def recover(files: Files, lane: int, now_ns: int) -> Recovered:
    """Read a lane's folder.

    Raises:
        OSError: the folder itself cannot be read.
    """
    acked = read_cursor(files)
    found = Recovered(acked=acked, next=acked + 1)
    names = sorted(name for name in files.names() if NAME.match(name))
    last = int(names[0][:16], 16) - 1 if names else 0
    for name in names:
        first = int(name[:16], 16)
        data, records, cut_off = _read(files, name, lane, found)
        frames = [record for record in records if record.is_frame and record.seq > last]
        found.holes += _holes(last, frames)
        for record in records:
            _learn(found, record)
        if frames:
            last = frames[-1].seq
            size = sum(record.end - record.start for record in records)
            every = thinning.kept_of(record.seq for record in frames if record.payload)
            found.segments.append(Segment(name, frames[0].seq, last, size, now_ns, every))
        elif records:
            found.spent.append(name)
        else:
            # Kept as it is, its name not used again: perhaps somebody can read it one day.
            found.next = max(found.next, first + 1)
            found.epoch = None
        found.next = max(found.next, first, last + 1)
        if name == names[-1] and records and cut_off:
            # What stood there last may have been sent: its number is not given again, and it is said to be lost.
            found.holes.append((found.next, found.next))
            found.next += 1
        if name == names[-1] and frames:
            whole = b"".join(data[record.start : record.end] for record in records)
            if not _rewrite(files, name, whole):
                found.segments.pop()
                found.unsure = [
                    (record, data[record.start : record.end])
                    for record in records
                    if record in frames or record.flags & segment.POSITIONS
                ]
    if found.epoch is None:
        found.since = found.acked + 1
    found.holes = [(max(first, found.acked + 1), end) for first, end in found.holes if end > found.acked]
    return found


def read_cursor(files: Readable) -> int:
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
    """Note what was acknowledged. Neither durable nor needed: losing it only sends something again."""
    number = struct.pack("<Q", seq)
    with contextlib.suppress(OSError):
        files.put(CURSORS[seq & 1], number + struct.pack("<I", zlib.crc32(number)))


def _read(files: Files, name: str, lane: int, found: Recovered) -> tuple[bytes, tuple[Record, ...], bool]:
    """A segment's bytes, what of them can be trusted, and whether it ends in what was a record once."""
    try:
        data = files.read(name)
    except OSError:
        found.damaged += 1
        return b"", (), False
    seen = segment.survey(data, lane, int(name[:16], 16))
    if seen.damaged_at is not None:
        found.damaged += 1
        with contextlib.suppress(OSError):
            _set_aside(files, name, data[seen.damaged_at : seen.damaged_at + BAD_BYTES])
    tail = b"" if seen.damaged_at is None else data[max(seen.damaged_at, seen.records[-1].end if seen.records else 0) :]
    return data, seen.records, segment.was_frame(tail, lane)


def _set_aside(files: Files, name: str, data: bytes) -> None:
    """Keep damaged bytes for whoever wants to look, the newest few."""
    bad = sorted(name for name in files.names() if name.endswith(".bad"))
    if f"{name}.bad" in bad:
        return
    for old in bad[: max(0, len(bad) - BAD_FILES + 1)]:
        files.remove(old)
    files.put(f"{name}.bad", data)


def _rewrite(files: Files, name: str, data: bytes) -> bool:
    """Write the newest segment anew: nobody can tell which of its last bytes were made durable before the crash.

    Whether the disk took it. If not, its frames can be read now and be gone after the next crash; sent before that,
    their numbers would be given a second time.
    """
    try:
        files.close(files.create(name, data))
    except OSError:
        return False
    return True


def _learn(found: Recovered, record: Record) -> None:
    if record.flags & segment.SEGMENT:
        description = segment.description(record)
        if description is not None:
            found.epoch, found.since = description.epoch, description.since
            found.positions.update(description.positions)
    elif record.flags & segment.POSITIONS:
        found.positions.update(segment.positions_of(record))


def _holes(last: int, frames: list[Record]) -> list[tuple[int, int]]:
    """The numbers missing between frames."""
    before = [last, *(record.seq for record in frames)]
    return [(old + 1, new.seq - 1) for old, new in zip(before, frames, strict=False) if new.seq > old + 1]
