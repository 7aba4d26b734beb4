# SPDX-License-Identifier: Apache-2.0
"""How a log file's text is written, told by its first bytes: UTF-16, or anything else.

Windows writes logs in UTF-16, and so does SQL Server everywhere (its ERRORLOG): with a byte order mark, or, where a
file was cut or begun anew, without one, which two letters with a zero each tell. Any other file is taken as it comes:
lines end at the byte 0x0A, and their bytes are carried.
"""

import codecs
import re
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
_UNMARKED: Final = tuple(
    (re.compile(unit * 2), re.compile(begun), Encoding(b"", each.newline, each.name))
    for each, unit, begun in (
        (_MARKED[0], rb"[\t\r\n -~]\0", rb"(?:[\t\r\n -~]\0?|[\t\r\n -~]\0[\t\r\n -~])?"),
        (_MARKED[1], rb"\0[\t\r\n -~]", rb"(?:\0[\t\r\n -~]?|\0[\t\r\n -~]\0)?"),
    )
)
"""Two characters of ASCII, what may still become them, and what they tell."""
TELLING_BYTES: Final = 4


def of(beginning: bytes) -> Encoding | None:
    """The encoding of a file that begins so; None while its beginning may still become one of UTF-16."""
    if (marked := next((each for each in _MARKED if beginning.startswith(each.mark)), None)) is not None:
        return marked
    told = next((each for whole, _, each in _UNMARKED if whole.match(beginning)), BYTES)
    begun = any(each.mark.startswith(beginning) for each in _MARKED) or any(
        begins.fullmatch(beginning) for _, begins, _ in _UNMARKED
    )
    return None if begun else told
