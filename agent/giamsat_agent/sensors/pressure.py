# SPDX-License-Identifier: Apache-2.0
"""Pressure stall information: how long tasks waited for CPU, memory and I/O."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

PROVIDED_BY: Final = "Linux 4.20 with CONFIG_PSI, where boot option psi=1 may be needed"
SERIES: Final = (
    ("cpu", "some", "node_pressure_cpu_waiting_seconds_total"),
    ("memory", "some", "node_pressure_memory_waiting_seconds_total"),
    ("memory", "full", "node_pressure_memory_stalled_seconds_total"),
    ("io", "some", "node_pressure_io_waiting_seconds_total"),
    ("io", "full", "node_pressure_io_stalled_seconds_total"),
    ("irq", "full", "node_pressure_irq_stalled_seconds_total"),
)
"""The resource, the line and the metric: `some` = at least one task waited, `full` = all of them did."""
OPTIONAL: Final = frozenset({"irq"})
"""Resources that only newer kernels (6.1 with interrupt time accounting) tell of."""


class Pressure:
    """The three or four resources whose shortage stalls tasks."""

    def __init__(self, host: Host) -> None:
        self._folder: Path = host.proc / "pressure"

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        for resource in ("cpu", "memory", "io", "irq"):
            try:
                lines = text(str(self._folder / resource), PROVIDED_BY)
            except NothingToRead:
                if resource in OPTIONAL:
                    continue
                raise
            except OSError as error:
                if error.errno == errno.EOPNOTSUPP:
                    raise NothingToRead(
                        f"máy này tắt đo áp lực / pressure accounting is off on this host; {PROVIDED_BY} turns it on"
                    ) from error
                raise
            yield from parse(resource, lines)


def parse(resource: str, lines: str) -> Iterator[Sample]:
    """The stall times of one resource, in seconds; the kernel writes microseconds behind `total=`."""
    totals = {line.partition(" ")[0]: int(line.rpartition("total=")[2]) for line in lines.splitlines()}
    for of, line, name in SERIES:
        if of == resource and line in totals:
            yield Sample(name, totals[line] / 1e6)


SPEC: Final = SensorSpec(name="pressure", build=Pressure, every_s=15)
