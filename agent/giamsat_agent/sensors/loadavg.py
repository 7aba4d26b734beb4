# SPDX-License-Identifier: Apache-2.0
"""The 1, 5 and 15 minute load averages."""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample


class LoadAverage:
    """How many tasks ran or waited, averaged over three spans."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "loadavg")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield from parse(text(self._path, provided_by="the Linux kernel"))


def parse(line: str) -> Iterator[Sample]:
    """The three averages of a loadavg line."""
    one, five, fifteen, *_ = line.split()
    yield Sample("node_load1", float(one))
    yield Sample("node_load5", float(five))
    yield Sample("node_load15", float(fifteen))


SPEC: Final = SensorSpec(name="loadavg", build=LoadAverage, every_s=15)
