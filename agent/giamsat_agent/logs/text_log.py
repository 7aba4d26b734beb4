# SPDX-License-Identifier: Apache-2.0
"""A log that a syslog daemon writes to a text file."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from giamsat_agent.log import Cursor, Entry, LogLost
from giamsat_agent.logs.file_position import from_mapping, to_mapping
from giamsat_agent.logs.syslog_line import SyslogLines
from giamsat_agent.logs.tail import Tail
from giamsat_wire.clock import SECOND_NS, Clock

LOST_AFTER_NS: Final = 10_000_000_000
"""How long a file may be away; rotation leaves it away for a moment."""


class TextLog:
    """Implements giamsat_agent.log.Source."""

    def __init__(self, path: Path, *, provider: str, clock: Clock, zone: tzinfo) -> None:
        """Follow `path`, whose lines without a zone are in `zone`."""
        self.provider = provider
        self.path = str(path)
        self._path = path
        self._clock = clock
        self._zone = zone
        self._tail = Tail(path)
        self._lines = SyslogLines()
        self._begun = False
        self._seen_ns = clock.mono_ns()

    def read(self) -> Iterator[Entry]:
        """Entries that were not read before; lines that are not syslog's are passed over."""
        self._look()
        if not self._begun:
            self._tail.begin_at_end()
            self._begun = True
        now = datetime.fromtimestamp(self._clock.wall_ns() // SECOND_NS, self._zone)
        for place, line in self._tail.read():
            # The same place can hold another line after copytruncate, so the line is part of its key.
            key = f"{place}:{line.start}:".encode() + line.content
            if (entry := self._lines.parse(line.content, key=key, now=now)) is not None:
                yield entry

    def cursor(self) -> Cursor:
        """How far whole lines have been taken."""
        position = self._tail.position()
        return to_mapping(position) if position else {}

    def resume(self, cursor: Cursor) -> None:
        """Go on after `cursor`."""
        self._begun = True
        if (position := from_mapping(cursor)) is not None:
            self._tail.resume(position)

    def close(self) -> None:
        """Give back what is open."""
        self._tail.close()

    def _look(self) -> None:
        now_ns = self._clock.mono_ns()
        if self._path.exists():
            self._seen_ns = now_ns
        elif not self._begun or now_ns - self._seen_ns >= LOST_AFTER_NS:
            self._begun = True  # what comes back in its place is new from its first line on
            raise LogLost(f"{self.path} does not exist; a syslog daemon that writes it would bring it back")


def local_zone(root: Path) -> tzinfo:
    """The zone of a host's clock, in which syslog daemons write times without a zone."""
    try:
        with (root / "etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC
