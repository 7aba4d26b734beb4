# SPDX-License-Identifier: Apache-2.0
r"""The contract of everything that a host's programs write their messages to, whatever its form.

A source is read in small portions and never waited for. Bytes that are not UTF-8 are carried as `\xNN`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Protocol, TypeAlias

import msgspec

LINE_BYTES: Final = 8 << 10
"""The longest line that is carried; what is longer is cut there."""


Cursor: TypeAlias = Mapping[str, str | int]
"""How far a source has been read, in words of its own that fit into JSON."""


class LogLost(OSError):  # noqa: N818 - a state of the host
    """A source that was read before can no longer be read; the message says which and why."""


class Entry(msgspec.Struct, frozen=True):
    """One message of one program.

    `wall_ns` is the time the log gives it. `key` is the same at every reading of the same entry and of no other.
    `attested` holds what the log itself vouches for, by journald's field names (`_UID`, `_EXE`, `UNIT`, …); it is
    empty where anybody could have written the line.
    """

    program: str
    text: str
    wall_ns: int
    key: bytes
    pid: int | None = None
    host: str = ""
    raw: str = ""
    attested: Mapping[str, str] = {}


class Source(Protocol):
    """A log that is followed, from its end unless it is told to resume."""

    @property
    def provider(self) -> str:
        """ECS event.provider of what is read here."""
        ...

    @property
    def path(self) -> str:
        """Where it stands; "" when it has no path of its own."""
        ...

    def read(self) -> Iterator[Entry]:
        """Entries that were not read before, oldest first; what the caller does not take is kept for the next call.

        Raises:
            LogLost: the source is gone; it is looked for again at the next call.
            OSError: this reading failed.
        """
        ...

    def cursor(self) -> Cursor:
        """How far this source has been read: all that was taken, nothing else; empty when nothing is known of it."""
        ...

    def resume(self, cursor: Cursor) -> None:
        """Go on after `cursor` at the next reading; from the source's start when it does not know it (any more)."""
        ...

    def close(self) -> None:
        """Give back what the source holds open."""
        ...
