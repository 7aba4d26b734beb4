# SPDX-License-Identifier: Apache-2.0
"""One text file that others append to, followed through rotation by renaming, by copying and truncating, and restarts.

A file that was moved away is read to its end before its successor is begun, and only once the successor has content:
until then the writer may still hold the old file open. A file that was truncated is looked for among its neighbours,
because logrotate's copytruncate leaves a copy there, whose unread end would be lost otherwise.

A file whose byte order mark says UTF-16 is read as such, and its lines are given as UTF-8; offsets count the file's
own bytes.
"""

import contextlib
import os
import stat
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from giamsat_agent.log import LINE_BYTES
from giamsat_agent.logs import encoding
from giamsat_agent.logs.encoding import Encoding
from giamsat_agent.logs.file_position import HEAD_BYTES, FilePosition, fingerprint
from giamsat_agent.logs.lines import Line, Lines

READ_BYTES: Final = 1 << 20
"""The most that is read in one reading; the rest waits for the next."""
NEIGHBOURS_MOST: Final = 256
"""Files beside the log that are looked at to find a rotated one."""
_CHUNK: Final = 64 << 10
_COMPRESSED: Final = (".gz", ".xz", ".bz2", ".zst", ".lz4")


class _OpenFile:
    """A file under way."""

    def __init__(self, path: Path, *, offset: int = 0) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(self.descriptor)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise OSError(f"{path} is not a regular file and is not read as a log")
        self.dev, self.ino = status.st_dev, status.st_ino
        self.place = f"{self.dev}:{self.ino}"
        self.read_to = offset
        self.lines = Lines(most=LINE_BYTES, offset=offset)
        self._encoding: Encoding | None = None
        self._head = b""

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.descriptor)

    def chunk(self) -> bytes:
        """The next bytes; none at the end."""
        if self._encoding is None and not self._begin():
            return b""
        content = os.pread(self.descriptor, _CHUNK, self.read_to)
        self.read_to += len(content)
        return content

    def taken(self) -> Line | None:
        """The next whole line; None when more bytes are needed."""
        return self._carried(self.lines.take())

    def shifted(self) -> Line | None:
        """At the file's end, a whole line that others shifted by a byte; None when there is none."""
        return self._carried(self.lines.shift())

    def rest(self) -> Line | None:
        """What stands after the last newline; None when nothing does."""
        return self._carried(self.lines.rest())

    def _begin(self) -> bool:
        """Find out how the text is written; whether its first bytes told it."""
        found = encoding.of(os.pread(self.descriptor, encoding.TELLING_BYTES, 0))
        if found is None:
            return False
        self._encoding = found
        self.read_to = max(self.read_to, len(found.mark))
        self.lines = Lines(most=LINE_BYTES, offset=self.read_to, newline=found.newline)
        return True

    def _carried(self, line: Line | None) -> Line | None:
        if line is None or self._encoding is None or not self._encoding.name:
            return line
        return replace(line, content=self._encoding.carried(line.content, most=LINE_BYTES))

    def was_rewritten(self) -> bool:
        """Whether what was read is no longer what stands there."""
        head = os.pread(self.descriptor, HEAD_BYTES, 0)
        rewritten = os.fstat(self.descriptor).st_size < self.read_to or not head.startswith(self._head)
        if not rewritten:
            # Only what has been read belongs to the fingerprint: an unread beginning may still be replaced.
            self._head = head[: self.read_to]
        return rewritten

    def position(self) -> FilePosition:
        """How far whole lines have been taken."""
        return FilePosition(self.dev, self.ino, len(self._head), fingerprint(self._head), self.lines.offset)


class Tail:
    """Follows one path, from its first line unless told otherwise."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: _OpenFile | None = None
        self._next: deque[tuple[Path, int]] = deque()
        self._shifts_before = 0

    @property
    def shifts(self) -> int:
        """How often lines of UTF-16 went on between two bytes of a character, because others wrote into the file."""
        return self._shifts_before + (self._open.lines.shifts if self._open else 0)

    def begin_at_end(self) -> None:
        """Begin after the last whole line.

        Raises:
            OSError: the file cannot be read.
        """
        self._enter(self._path, _end_of_lines(self._path))

    def resume(self, position: FilePosition) -> None:
        """Go on after `position`, in whatever file it is now, and then through those written since."""
        self._next.extend(successors(self._path, position))

    def close(self) -> None:
        """Give back what is open."""
        if self._open is not None:
            self._shifts_before = self.shifts
            self._open.close()
            self._open = None

    def position(self) -> FilePosition | None:
        """How far lines have been taken; None before the first reading."""
        return self._open.position() if self._open else None

    def read(self) -> Iterator[tuple[str, Line]]:
        """Lines not taken before, each with `DEVICE:INODE` of its file; at most READ_BYTES are read from the disk.

        Raises:
            FileNotFoundError: there is no such file now.
            OSError: the file cannot be read.
        """
        budget = READ_BYTES
        current = self._open or self._enter_next()
        if current.was_rewritten():
            yield from _taken(current)
            self._next.extend(successors(self._path, current.position()))
            current = self._enter_next()
        while True:
            successor_ready = self._has_successor(current)
            budget = yield from _read_on(current, budget)
            if budget <= 0 or not successor_ready:
                return
            if (last := current.rest()) is not None:
                yield current.place, last
            if not self._next:
                self._next.extend(successors(self._path, current.position())[1:])
            current = self._enter_next()

    def _enter_next(self) -> _OpenFile:
        """Begin the next file in line."""
        while self._next:
            try:
                current = self._enter(*self._next[0])
            except FileNotFoundError:
                self._next.popleft()
            else:
                self._next.popleft()
                return current
        return self._enter(self._path, 0)

    def _enter(self, path: Path, offset: int) -> _OpenFile:
        entered = _OpenFile(path, offset=offset)
        self.close()
        self._open = entered
        entered.was_rewritten()
        return entered

    def _has_successor(self, current: _OpenFile) -> bool:
        """Whether nothing more will be written to the current file, because another one is being written."""
        if self._next:
            return True
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return False
        return (status.st_dev, status.st_ino) != (current.dev, current.ino) and status.st_size > 0


def _read_on(current: _OpenFile, budget: int) -> Generator[tuple[str, Line], None, int]:
    """Lines up to the end of the file or of the budget; returns what is left of the budget."""
    yield from _taken(current)
    while budget > 0 and (chunk := current.chunk()):
        budget -= len(chunk)
        current.lines.feed(chunk)
        current.was_rewritten()
        yield from _taken(current)
    if budget > 0 and (line := current.shifted()) is not None:
        yield current.place, line
        yield from _taken(current)
    return budget


def _taken(current: _OpenFile) -> Iterator[tuple[str, Line]]:
    while (line := current.taken()) is not None:
        yield current.place, line


def _end_of_lines(path: Path) -> int:
    """The offset after the last newline, looked for in the last LINE_BYTES."""
    with path.open("rb") as file:
        written = encoding.of(file.read(encoding.TELLING_BYTES)) or encoding.BYTES
        first, width = len(written.mark), len(written.newline)
        size = file.seek(0, os.SEEK_END)
        whole = size // width * width
        start = max(first, whole - LINE_BYTES)
        file.seek(start)
        lines = Lines(most=LINE_BYTES, offset=start, newline=written.newline)
        lines.feed(file.read(max(size - start, 0)))
    while (lines.take() or lines.shift()) is not None:
        pass
    return lines.offset if lines.offset > start or start == first else whole


def successors(path: Path, position: FilePosition) -> list[tuple[Path, int]]:
    """Where to go on after `position`: the file it is in, with the offset, then those written later, then `path`."""
    files = neighbours(path)
    found = _find(files, position)
    if found is None:
        return [(path, 0)]
    later = files[files.index(found) + 1 :] if found != path else []
    return [(found, position.offset), *((file, 0) for file in later)]


def neighbours(path: Path) -> list[Path]:
    """Uncompressed files that rotation made of `path`, oldest first, and `path` itself at the end if it exists."""
    found: list[tuple[int, Path]] = []
    try:
        with os.scandir(path.parent) as entries:
            for entry in entries:
                rotated = entry.name.startswith((f"{path.name}.", f"{path.name}-"))
                if rotated and not entry.name.endswith(_COMPRESSED) and entry.is_file():
                    with contextlib.suppress(FileNotFoundError):  # compressed just now
                        found.append((entry.stat().st_mtime_ns, Path(entry.path)))
                    if len(found) == NEIGHBOURS_MOST:
                        break
    except FileNotFoundError:
        return []
    return [file for _, file in sorted(found)] + ([path] if path.exists() else [])


def _find(files: list[Path], position: FilePosition) -> Path | None:
    """The file by its inode if it still holds what was read, else a copy of it."""
    copies = []
    for file in reversed(files):
        try:
            with file.open("rb") as opened:
                status = os.fstat(opened.fileno())
                if not stat.S_ISREG(status.st_mode):
                    continue
                if position.of_same_content(opened.read(HEAD_BYTES), status.st_size):
                    if position.of_same_file(status.st_dev, status.st_ino):
                        return file
                    copies.append(file)
        except OSError:
            continue
    # A file whose beginning was never read could be any file.
    return copies[0] if copies and position.head else None
