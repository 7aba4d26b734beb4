# SPDX-License-Identifier: Apache-2.0
"""Memory: every field of /proc/meminfo."""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample

KIBIBYTE: Final = 1024


class MemoryInfo:
    """How the kernel uses memory."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "meminfo")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield from parse(text(self._path, provided_by="the Linux kernel"))


def parse(meminfo: str) -> Iterator[Sample]:
    """A sample for each field: `Active(anon): 4 kB` is node_memory_Active_anon_bytes 4096; without a unit, a count."""
    for line in meminfo.splitlines():
        field, _, rest = line.partition(":")
        number, *unit = rest.split()
        name = "node_memory_" + field.replace("(", "_").replace(")", "")
        yield Sample(name + "_bytes", float(number) * KIBIBYTE) if unit == ["kB"] else Sample(name, float(number))


SPEC: Final = SensorSpec(name="meminfo", build=MemoryInfo, every_s=15)
