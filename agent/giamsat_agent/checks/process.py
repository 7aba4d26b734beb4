# SPDX-License-Identifier: Apache-2.0
"""Processes of a name on this host: how many there are, since when, and how much memory they hold.

Figures have process-exporter's names. What has ended and was not yet waited for (a zombie) does not run.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from giamsat_agent.check import Run, UnusableError, WrongAnswerError
from giamsat_agent.check_settings import Process
from giamsat_agent.machine.kernel_text import attribute

PROCESSES: Final = 32_768
"""Processes that are looked at."""
COMM_LETTERS: Final = 15
"""Letters of a command that the kernel keeps; a longer one is told by its path."""
COMMAND_BYTES: Final = 1 << 16
STATE, STARTED, RESIDENT = 0, 19, 21
"""Where these stand behind the command's closing parenthesis (proc_pid_stat(5))."""
ENDED: Final = frozenset("ZX")
TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Found:
    """One process: when it began, in seconds since the host did, and the bytes it holds in memory."""

    started_s: float
    resident_bytes: int


class ProcessCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Process, proc: Path = Path("/proc")) -> None:
        self._its = its
        self._proc = proc

    async def run(self, run: Run) -> None:
        """Look for them."""
        its = self._its
        booted_s, found = await run.blocking(lambda: (_booted(self._proc), list(self._running())))
        run.set("namedprocess_namegroup_num_procs", len(found), groupname=its.target)
        if found:
            oldest_s = booted_s + min(one.started_s for one in found)
            memory = sum(one.resident_bytes for one in found)
            run.set("namedprocess_namegroup_oldest_start_time_seconds", oldest_s, groupname=its.target)
            run.set("namedprocess_namegroup_memory_bytes", memory, groupname=its.target, memtype="resident")
        if len(found) < its.count_least:
            raise WrongAnswerError(f"{len(found)} processes of {its.target} run, fewer than {its.count_least}")
        if its.count_most and len(found) > its.count_most:
            raise WrongAnswerError(f"{len(found)} processes of {its.target} run, more than {its.count_most}")

    def _running(self) -> Iterator[Found]:
        pids = [name for name in os.listdir(self._proc) if name.isdecimal()]  # noqa: PTH208 - no Path is made of each
        for pid in islice(pids, PROCESSES):
            here = f"{self._proc}/{pid}"
            # A process that has ended since the folder was listed gives nothing.
            line = attribute(f"{here}/stat")
            if line and self._is_meant(line, here):
                fields = line[line.rindex(")") + 2 :].split()
                if fields[STATE] not in ENDED:
                    yield Found(int(fields[STARTED]) / TICKS, int(fields[RESIDENT]) * PAGE)

    def _is_meant(self, line: str, here: str) -> bool:
        its, comm = self._its, line[line.index("(") + 1 : line.rindex(")")]
        if comm != its.target[:COMM_LETTERS]:
            return False
        if len(its.target) <= COMM_LETTERS and not its.command_has:
            return True
        words = _command(here)
        named = len(its.target) <= COMM_LETTERS or os.path.basename(words[0]) == its.target  # noqa: PTH119 - likewise
        return named and all(text in " ".join(words) for text in its.command_has)


def _command(here: str) -> list[str]:
    try:
        with open(f"{here}/cmdline", "rb") as file:  # noqa: PTH123 - likewise
            return file.read(COMMAND_BYTES).decode("utf-8", "replace").rstrip("\0").split("\0")
    except OSError:
        return [""]


def _booted(proc: Path) -> float:
    """When the host began, in UNIX seconds.

    Raises:
        UnusableError: procfs does not say.
    """
    for line in (attribute(f"{proc}/stat") or "").splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    raise UnusableError(f"{proc} says nothing of processes; it is provided by a mounted procfs")
