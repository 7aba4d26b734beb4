# SPDX-License-Identifier: Apache-2.0
"""What was ever signed: one JSON object a line, durable before the certificate leaves; a file that only grows.

Each line holds the SHA-256 of the line before it, so that one which was changed, taken out or put in shows.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from giamsat_wire import durable

NAME: Final = "issued.jsonl"
_NEVER: Final = hashlib.sha256(b"").hexdigest()


class Journal:
    """The file in `folder`. `told` hears every line that was written before, oldest first."""

    def __init__(self, folder: Path, told: Callable[[Mapping[str, Any]], None]) -> None:
        self._path = folder / NAME
        self.lines = self.broken = 0
        self._previous = _NEVER
        self._torn = False
        if self._path.exists():
            with self._path.open("rb") as file:
                for line in file:
                    self._torn = not line.endswith(b"\n")
                    self._read(line, told)
        self._file = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        durable.sync(folder)  # what is durable in a file without a name is gone with the power

    def add(self, said: Mapping[str, Any]) -> None:
        """Write a line down; the next one follows whatever whole line the file ends with.

        Raises:
            OSError: the disk refuses; nothing may leave. A line that was written and could not be made durable stays
                and counts: it speaks of a certificate nobody got, as after an answer that was lost.
        """
        line = json.dumps({**said, "previous": self._previous}, ensure_ascii=False).encode() + b"\n"
        # After a power cut or a full disk in the middle of a line; what that was about never left.
        whole = b"\n" + line if self._torn else line
        self._torn = True
        missing = len(whole) - os.write(self._file, whole)
        if missing <= 1:  # a line that lacks its end only is read as a line
            self._previous = _hash(line)
            self.lines += 1
        if missing:
            raise OSError("the disk is full")
        self._torn = False
        os.fsync(self._file)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _read(self, line: bytes, told: Callable[[Mapping[str, Any]], None]) -> None:
        try:
            said = json.loads(line)
            follows = said["previous"] == self._previous
        except (ValueError, KeyError, TypeError):
            return  # half of a line is no line: had it ever been whole, the next one would not follow the one before
        self.lines += 1
        self.broken += not follows
        self._previous = _hash(line)
        told(said)


def _hash(line: bytes) -> str:
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()
