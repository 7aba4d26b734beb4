# SPDX-License-Identifier: Apache-2.0
"""Bytes into lines, with their places in the stream and a bound on what one line may keep in memory."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line without its newline, cut at the bound; `start` and `end` are offsets in the stream."""

    start: int
    end: int
    content: bytes


class Lines:
    """Takes bytes as they come and gives lines as they are whole."""

    def __init__(self, *, most: int, offset: int = 0, newline: bytes = b"\n") -> None:
        """Keep at most `most` bytes of a line; the first byte stands at `offset` of the stream.

        Characters are as wide as `newline`, which ends a line only where a character begins; `most` is a multiple of
        that.
        """
        self._most = most
        self._newline = newline
        self._width = len(newline)
        self._buffer = b""
        self._at = 0  # where in the buffer the current line begins
        self._dropped = 0  # bytes of the current line that are not kept
        self.offset = offset

    def feed(self, chunk: bytes) -> None:
        """More bytes."""
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0

    def take(self) -> Line | None:
        """The next whole line; None when more bytes are needed."""
        end = self._end()
        if end >= 0:
            return self._line(end, newline=self._width)
        surplus = (len(self._buffer) - self._at - self._most) // self._width * self._width
        if surplus > 0:
            kept = self._at + self._most
            self._buffer = self._buffer[self._at : kept] + self._buffer[kept + surplus :]
            self._at = 0
            self._dropped += surplus
        return None

    def rest(self) -> Line | None:
        """What stands after the last newline, as the line it will never become; None when nothing does."""
        return self._line(len(self._buffer), newline=0) if self._at < len(self._buffer) else None

    def _end(self) -> int:
        """Where the next newline begins; less than 0 when none has come."""
        end = self._buffer.find(self._newline, self._at)
        while end >= 0 and (end - self._at) % self._width:
            end = self._buffer.find(self._newline, end + 1)
        return end

    def _line(self, end: int, *, newline: int) -> Line:
        content = self._buffer[self._at : min(end, self._at + self._most)]
        start = self.offset
        self.offset += end - self._at + self._dropped + newline
        self._at = end + newline
        self._dropped = 0
        return Line(start, self.offset, content)
