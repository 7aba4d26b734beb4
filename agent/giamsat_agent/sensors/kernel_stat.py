# SPDX-License-Identifier: Apache-2.0
"""What the kernel has counted since boot: interrupts, context switches, forks; and when boot was."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intr": "node_intr_total",
        "ctxt": "node_context_switches_total",
        "btime": "node_boot_time_seconds",
        "processes": "node_forks_total",
        "procs_running": "node_procs_running",
        "procs_blocked": "node_procs_blocked",
    }
)
"""The metric of each line of proc_stat(5) that is not a CPU's."""


class Stat:
    """The system-wide lines of /proc/stat."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "stat")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield from parse(text(self._path, provided_by="the Linux kernel"))


def parse(stat: str) -> Iterator[Sample]:
    """A sample for each known line; the first number of a line is its total."""
    for line in stat.splitlines():
        key, _, rest = line.partition(" ")
        if key in NAMES:
            yield Sample(NAMES[key], float(rest.split(" ", 1)[0]))


SPEC: Final = SensorSpec(name="stat", build=Stat, every_s=15)
