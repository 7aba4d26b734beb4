# SPDX-License-Identifier: Apache-2.0
"""A TCP stream of syslog into messages: octet counting or non-transparent framing (RFC 6587), told message by message.

`LENGTH SP MESSAGE` begins with a digit other than 0; any other message ends at LF (or NUL, as some devices send). A
sender that mixes both is understood. A length nobody would send, or a message without an end, ends the stream: there
is no telling where the next one begins.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.log import LINE_BYTES

MESSAGE_BYTES: Final = 64 << 10
"""The longest message that is waited for; LINE_BYTES of it are carried."""
_LENGTH_DIGITS: Final = 6


class FramingError(ValueError):
    """The stream is no syslog; the message says why."""


class SyslogFrames:
    """Takes bytes as they come and gives messages as they are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The messages that are whole with this chunk, each cut at LINE_BYTES; empty ones are left out.

        Raises:
            FramingError: the stream cannot be followed any further; what came before it was given.
        """
        self._buffer += chunk
        at = 0
        try:
            while (found := self._next(at)) is not None:
                start, end, at = found
                if end > start:
                    yield bytes(self._buffer[start : min(end, start + LINE_BYTES)])
        finally:
            del self._buffer[:at]

    def rest(self) -> bytes:
        """What was sent without an end before the stream ended; senders that close after one message do so."""
        left = bytes(self._buffer[:LINE_BYTES])
        self._buffer.clear()
        return left.strip(b"\r\n\0 ")

    def _next(self, at: int) -> tuple[int, int, int] | None:
        """Start and end of the message at `at`, and where the next one begins; None when bytes are missing."""
        buffer = self._buffer
        while at < len(buffer) and buffer[at] in b"\r\n\0":
            at += 1
        if at >= len(buffer):
            buffer.clear()
            return None
        if 0x31 <= buffer[at] <= 0x39:  # noqa: PLR2004 - the digits 1 to 9
            space = buffer.find(b" ", at, at + _LENGTH_DIGITS + 1)
            digits = bytes(buffer[at:space] if space >= 0 else buffer[at : at + _LENGTH_DIGITS + 1])
            if digits.isdigit():
                return self._counted(space, digits)
        ends = [end for end in (buffer.find(mark, at) for mark in (b"\n", b"\0")) if end >= 0]
        if ends:
            end = min(ends)
            return at, end - (buffer[end - 1 : end] == b"\r" and end > at), end + 1
        if len(buffer) - at > MESSAGE_BYTES:
            raise FramingError(f"a message has no end within {MESSAGE_BYTES} bytes")
        return None

    def _counted(self, space: int, digits: bytes) -> tuple[int, int, int] | None:
        if space < 0:
            if len(digits) > _LENGTH_DIGITS:
                raise FramingError(f"a length has more than {_LENGTH_DIGITS} digits")
            return None
        length = int(digits)
        if length > MESSAGE_BYTES:
            raise FramingError(f"a message says it has {length} bytes, at most {MESSAGE_BYTES} are read")
        start = space + 1
        return (start, start + length, start + length) if len(self._buffer) >= start + length else None
