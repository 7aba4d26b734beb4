# SPDX-License-Identifier: Apache-2.0
"""The log of an application on this host: how many of its lines match each pattern, in all and a minute.

Lines that stood there when the agent began are not counted. The log is followed through rotation. Patterns are RE2's,
which no line can make slow.
"""

from pathlib import Path
from typing import Final

from giamsat_agent.check import Run, UnusableError
from giamsat_agent.check_settings import Log, expression
from giamsat_agent.logs.tail import Tail

READINGS: Final = 16
"""Portions of 1 MiB that one run reads; what a flood leaves waits for the next."""
MINUTE_S: Final = 60.0


class LogCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Log) -> None:
        self._its = its
        self._patterns = {name: expression(pattern) for name, pattern in its.patterns.items()}
        self._tail: Tail | None = None
        self._lines = 0
        self._matches = dict.fromkeys(its.patterns, 0)
        self._counted_ns = 0

    async def run(self, run: Run) -> None:
        """Count what came since the last run."""
        before, then_ns = dict(self._matches), self._counted_ns
        try:
            await run.blocking(self._count)
        except OSError as error:
            raise UnusableError(
                f"{self._its.target}: cannot be read: {error.strerror or error}; let the agent's user read it"
            ) from error
        self._counted_ns = run.clock.mono_ns()
        run.set("giamsat_log_lines_total", self._lines)
        run.set("giamsat_log_shifts_total", self._tail.shifts if self._tail is not None else 0)
        for name, count in self._matches.items():
            run.set("giamsat_log_matches_total", count, pattern=name)
            if then_ns:
                minutes = run.seconds_since(then_ns) / MINUTE_S
                run.set("giamsat_log_matches_per_minute", round((count - before[name]) / minutes, 2), pattern=name)

    def _count(self) -> None:
        if self._tail is None:
            tail = Tail(Path(self._its.target))
            tail.begin_at_end()
            self._tail = tail
        for _ in range(READINGS):
            for _, line in self._tail.read():
                self._lines += 1
                for name, pattern in self._patterns.items():
                    self._matches[name] += pattern.search(line.content) is not None
