# SPDX-License-Identifier: Apache-2.0
"""How many processes and threads there are, by state, and how many there may be."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import attribute
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

STATE: Final = 0
THREADS: Final = 17
"""Where the state and the number of threads stand behind the command's closing parenthesis (proc_pid_stat(5))."""
PROCESSES_MOST: Final = 32_768
"""Processes looked at in one reading."""


class Processes:
    """A count of everything that runs."""

    def __init__(self, host: Host) -> None:
        self._proc = str(host.proc)

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        lines = list(self._lines())
        if not lines:
            raise NothingToRead(
                f"{self._proc}: không thấy tiến trình nào, hãy gắn procfs / shows no process; it is provided by a "
                "mounted procfs"
            )
        facts = [parse(line) for line in lines]
        states = Counter(state for state, _ in facts)
        yield Sample("node_processes_pids", float(len(facts)))
        yield Sample("node_processes_threads", float(sum(threads for _, threads in facts)))
        for state, count in sorted(states.items()):
            yield Sample("node_processes_state", float(count), (("state", state),))
        if limit := attribute(f"{self._proc}/sys/kernel/pid_max"):
            yield Sample("node_processes_max_processes", float(limit))
        if limit := attribute(f"{self._proc}/sys/kernel/threads-max"):
            yield Sample("node_processes_max_threads", float(limit))
        if len(lines) == PROCESSES_MOST:
            raise ValueError(f"{self._proc} shows more than {PROCESSES_MOST} processes, only so many are counted")

    def _lines(self) -> Iterator[str]:
        try:
            names = os.listdir(self._proc)  # noqa: PTH208 - names are wanted, and no Path is made of each
        except FileNotFoundError:
            names = []
        pids = (name for name in names if name.isdecimal())
        for _, pid in zip(range(PROCESSES_MOST), pids, strict=False):
            # A process that has ended since the folder was listed gives nothing.
            if line := attribute(f"{self._proc}/{pid}/stat"):
                yield line


def parse(line: str) -> tuple[str, int]:
    """The state letter and the number of threads of a stat line. The command may hold spaces and parentheses."""
    fields = line[line.rindex(")") + 2 :].split()
    return fields[STATE], int(fields[THREADS])


SPEC: Final = SensorSpec(name="processes", build=Processes, every_s=15)
