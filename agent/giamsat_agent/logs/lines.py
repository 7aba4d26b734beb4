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
        self.shifts = 0
        """How often lines went on between two bytes of a character."""
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
        end = self._end(0)
        if end >= 0:
            return self._line(end, newline=self._width)
        surplus = (len(self._buffer) - self._at - self._most) // self._width * self._width
        if surplus > 0:
            if self._last_is_shifted():
                return self._shifted()
            kept = self._at + self._most
            self._buffer = self._buffer[self._at : kept] + self._buffer[kept + surplus :]
            self._at = 0
            self._dropped += surplus
        return None

    def shift(self) -> Line | None:
        """The line that ends between two bytes of a character, if all that came ends so; characters go on from there.

        That is how it is after somebody appended an odd number of bytes. To be asked where the writer paused: inside
        a line, two characters side by side may look like its end.
        """
        return self._shifted() if self._buffer.endswith(self._newline) and self._last_is_shifted() else None

    def rest(self) -> Line | None:
        """What stands after the last newline, as the line it will never become; None when nothing does."""
        return self._line(len(self._buffer), newline=0) if self._at < len(self._buffer) else None

    def _end(self, remainder: int) -> int:
        """Where the next newline begins that is `remainder` bytes into a character; less than 0 when none has come."""
        end = self._buffer.find(self._newline, self._at)
        while end >= 0 and (end - self._at) % self._width != remainder:
            end = self._buffer.find(self._newline, end + 1)
        return end

    def _last_is_shifted(self) -> bool:
        """Whether the last newline lies between two bytes of a character, behind a Latin letter or a return."""
        end = self._buffer.rfind(self._newline)
        before = end - self._width
        high = before + self._newline.find(0)
        return before >= self._at and (end - self._at) % self._width == 1 and self._buffer[high] == 0

    def _shifted(self) -> Line:
        """The line up to the first newline between two bytes of a character."""
        self.shifts += 1
        return self._line(self._end(1), newline=self._width)

    def _line(self, end: int, *, newline: int) -> Line:
        content = self._buffer[self._at : min(end, self._at + self._most)]
        start = self.offset
        self.offset += end - self._at + self._dropped + newline
        self._at = end + newline
        self._dropped = 0
        return Line(start, self.offset, content)
