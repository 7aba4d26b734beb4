# SPDX-License-Identifier: Apache-2.0
"""Which user of this host has which number: what stands in /etc/passwd, read anew when it was changed.

No directory is asked: a server that does not answer would hold up the reading of the log.
"""

from pathlib import Path
from typing import Final

FILE_BYTES: Final = 1 << 20
PARTS: Final = 7
"""name:password:number:group:remark:home:shell (passwd(5))."""


class Users:
    """The users of the host whose root is `root`."""

    def __init__(self, root: Path) -> None:
        self._file = root / "etc/passwd"
        self._state: tuple[int, int] | None = None
        self._names: dict[str, str] = {}

    def name(self, number: str) -> str:
        """The name of the first user with this number; "" when there is none here."""
        try:
            self._look()
        except OSError:
            self._state, self._names = None, {}
        return self._names.get(number, "")

    def _look(self) -> None:
        state = self._file.stat()
        if (state.st_mtime_ns, state.st_ino) == self._state:
            return
        with self._file.open("rb") as file:
            text = file.read(FILE_BYTES).decode("utf-8", "backslashreplace")
        self._state, self._names = (state.st_mtime_ns, state.st_ino), parse(text)


def parse(text: str) -> dict[str, str]:
    """The names by number of the lines of passwd(5)."""
    names: dict[str, str] = {}
    for line in text.splitlines():
        parts = line.split(":")
        if len(parts) == PARTS and parts[0] and parts[2].isdecimal():
            names.setdefault(parts[2], parts[0])
    return names
