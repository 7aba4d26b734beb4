# SPDX-License-Identifier: Apache-2.0
"""How a log file's text is written, told by its first bytes: UTF-16 with a byte order mark, or anything else.

Windows writes logs in UTF-16, and so does SQL Server everywhere (its ERRORLOG). A file without a mark is taken as it
comes: lines end at the byte 0x0A, and their bytes are carried.
"""

import codecs
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Encoding:
    """The `mark` at a file's beginning, the `newline` that ends a line, and Python's `name`, "" where bytes stay."""

    mark: bytes
    newline: bytes
    name: str

    def carried(self, content: bytes, *, most: int) -> bytes:
        r"""A line as it is carried: UTF-8 of at most `most` bytes; what is no UTF-16 becomes `\xNN`."""
        return content.decode(self.name, "backslashreplace").encode()[:most] if self.name else content


BYTES: Final = Encoding(b"", b"\n", "")
_MARKED: Final = (
    Encoding(codecs.BOM_UTF16_LE, b"\n\0", "utf-16-le"),
    Encoding(codecs.BOM_UTF16_BE, b"\0\n", "utf-16-be"),
)
MARK_BYTES: Final = 2


def of(beginning: bytes) -> Encoding | None:
    """The encoding of a file that begins so; None while its beginning may still become a mark."""
    if len(beginning) >= MARK_BYTES:
        return next((each for each in _MARKED if beginning.startswith(each.mark)), BYTES)
    return None if any(each.mark.startswith(beginning) for each in _MARKED) else BYTES
