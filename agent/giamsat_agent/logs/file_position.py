# SPDX-License-Identifier: Apache-2.0
"""How far a text file has been read, in words that survive its rotation: which file it is, and the offset."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Final

import msgspec

from giamsat_agent.log import Cursor

HEAD_BYTES: Final = 1 << 10
"""How much of a file's beginning tells it from another that got the same inode."""


@dataclass(frozen=True, slots=True)
class FilePosition:
    """A file by device, inode and the hash of its first `head` bytes, and the `offset` of the first unread byte."""

    dev: int
    ino: int
    head: int
    sha256: str
    offset: int

    def of_same_file(self, dev: int, ino: int) -> bool:
        """Whether this is the file by its place on the disk."""
        return (self.dev, self.ino) == (dev, ino)

    def of_same_content(self, beginning: bytes, size: int) -> bool:
        """Whether a file that begins so and has this size holds everything up to `offset`."""
        return size >= self.offset and fingerprint(beginning[: self.head]) == self.sha256


def fingerprint(beginning: bytes) -> str:
    """The hash of a file's beginning, in hexadecimal."""
    return hashlib.sha256(beginning).hexdigest()


def to_mapping(position: FilePosition) -> Cursor:
    """As it stands in a cursor."""
    return asdict(position)


def from_mapping(value: object) -> FilePosition | None:
    """Out of a cursor; None when it holds something else."""
    try:
        position = msgspec.convert(value, FilePosition)
    except msgspec.ValidationError:
        return None
    whole = position.offset >= 0 and 0 <= position.head <= HEAD_BYTES
    return position if whole else None
