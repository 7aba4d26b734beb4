# SPDX-License-Identifier: Apache-2.0
"""One file of one day and one level: added to, read in its order, checked.

What a power cut left of the last block is cut off before anything is added; every other damage stays where it is and is
passed over, so that nothing that can still be read is lost with it.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

from giamsat_collector.archive import block
from giamsat_collector.archive.block import HEAD_BYTES, MAGIC, Head
from giamsat_collector.ingest.frames import StoredFrame

SUFFIX: Final = ".frames"
FRAMES_A_BLOCK: Final = 2_000
_LOOK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Day:
    """A file: frames received on `date` (UTC) of assets of `level`."""

    path: Path
    level: int
    date: date

    @property
    def bytes(self) -> int:
        """How long it is."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True)
class Contents:
    """What a look at every block of a file found. `torn` is where an unfinished last block begins."""

    frames: int
    blocks: int
    damaged_bytes: int
    first_ns: int | None
    last_id: int
    torn: int | None


def append(day: Day, frames: Sequence[StoredFrame], *, after_id: int) -> int:
    """Add the frames whose id is above `after_id`, durably; the last id the file holds then."""
    fresh = [frame for frame in frames if frame.id > after_id]
    with day.path.open("ab") as file:
        for at in range(0, len(fresh), FRAMES_A_BLOCK):
            file.write(block.encode(fresh[at : at + FRAMES_A_BLOCK]))
        file.flush()
        os.fsync(file.fileno())
    return fresh[-1].id if fresh else after_id


def mended(day: Day) -> int:
    """Cut off an unfinished last block; the last id the file holds."""
    found = contents(day)
    if found.torn is not None:
        with day.path.open("r+b") as file:
            file.truncate(found.torn)
            os.fsync(file.fileno())
    return found.last_id


def frames(day: Day, since_ns: int, until_ns: int) -> Iterator[StoredFrame]:
    """The frames received from `since_ns` up to before `until_ns`, in the order of their ids."""
    with day.path.open("rb") as file:
        for said in _blocks(file):
            if isinstance(said, Head) and said.last_ns >= since_ns and said.first_ns < until_ns:
                for frame in block.decode(said, _body(file, said)):
                    if since_ns <= frame.received_ns < until_ns:
                        yield frame


def oldest_ns(day: Day) -> int | None:
    """When its first frame was received; None when there is none."""
    with day.path.open("rb") as file:
        return next((said.first_ns for said in _blocks(file) if isinstance(said, Head)), None)


def contents(day: Day) -> Contents:
    """Look at every block."""
    count = blocks = damaged = last_id = 0
    first_ns = torn = None
    with day.path.open("rb") as file:
        for said in _blocks(file):
            if isinstance(said, Head):
                blocks += 1
                count += sum(1 for _ in block.decode(said, _body(file, said)))
                first_ns = said.first_ns if first_ns is None else min(first_ns, said.first_ns)
                last_id = max(last_id, said.last_id)
            elif said.unfinished:
                torn = said.at
            else:
                damaged += said.length
    return Contents(count, blocks, damaged, first_ns, last_id, torn)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Bytes that are no block. `unfinished`: a head whose body the file ends before."""

    at: int
    length: int
    unfinished: bool


def _blocks(file: BinaryIO) -> Iterator[Head | _Gap]:
    """Each whole block and what lies between; at a head the file stands at its body."""
    size, at = os.fstat(file.fileno()).st_size, 0
    while at < size:
        file.seek(at)
        said = block.head(file.read(HEAD_BYTES))
        if said is not None and at + HEAD_BYTES + said.length <= size and block.whole(said, file.read(said.length)):
            file.seek(at + HEAD_BYTES)
            yield said
            at += HEAD_BYTES + said.length
            continue
        following = _next_head(file, at + 1)
        ends = size if following is None else following
        short = said is not None and at + HEAD_BYTES + said.length > size
        yield _Gap(at, ends - at, unfinished=following is None and (short or size - at < HEAD_BYTES))
        at = ends


def _body(file: BinaryIO, said: Head) -> bytes:
    return file.read(said.length)


def _next_head(file: BinaryIO, at: int) -> int | None:
    """Where the next magic stands from `at` on."""
    while True:
        file.seek(at)
        data = file.read(_LOOK)
        found = data.find(MAGIC)
        if found >= 0:
            return at + found
        if len(data) < _LOOK:
            return None
        at += _LOOK - len(MAGIC) + 1
