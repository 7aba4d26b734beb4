# SPDX-License-Identifier: Apache-2.0
"""The few D-Bus types this agent writes and reads, in little-endian order: numbers, texts and signatures."""

import struct
from typing import Final

_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")


class Reader:
    """Takes values out of one message, in order.

    Every method raises ValueError when the bytes end too early or are not what they should be.
    """

    def __init__(self, content: bytes, at: int = 0) -> None:
        self._content = content
        self.at = at

    def align(self, boundary: int) -> None:
        """Go to the next multiple of `boundary`, counted from the message's start."""
        self.at += -self.at % boundary

    def byte(self) -> int:
        """A number of 8 bits."""
        return self._take(1)[0]

    def u32(self) -> int:
        """A number of 32 bits."""
        self.align(4)
        number: int = _U32.unpack(self._take(4))[0]
        return number

    def u64(self) -> int:
        """A number of 64 bits."""
        self.align(8)
        number: int = _U64.unpack(self._take(8))[0]
        return number

    def text(self) -> str:
        """A string or an object path."""
        return self._terminated(self.u32())

    def signature(self) -> str:
        """A type signature."""
        return self._terminated(self.byte())

    def _terminated(self, count: int) -> str:
        return self._take(count + 1)[:-1].decode("utf-8", "backslashreplace")

    def _take(self, count: int) -> bytes:
        start, self.at = self.at, self.at + count
        if self.at > len(self._content):
            raise ValueError(f"{count} bytes expected at {start} of {len(self._content)}")
        return self._content[start : self.at]


class Writer:
    """Puts values into one message, in order."""

    def __init__(self) -> None:
        self.content = bytearray()

    def align(self, boundary: int) -> None:
        """Pad to the next multiple of `boundary`."""
        self.content += bytes(-len(self.content) % boundary)

    def byte(self, number: int) -> None:
        """A number of 8 bits."""
        self.content.append(number)

    def u32(self, number: int) -> None:
        """A number of 32 bits."""
        self.align(4)
        self.content += _U32.pack(number)

    def text(self, text: str) -> None:
        """A string or an object path."""
        encoded = text.encode()
        self.u32(len(encoded))
        self.content += encoded + b"\0"

    def signature(self, signature: str) -> None:
        """A type signature."""
        self.byte(len(signature))
        self.content += signature.encode() + b"\0"
