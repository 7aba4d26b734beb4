# SPDX-License-Identifier: Apache-2.0
"""Open file descriptors of the whole host and their limit."""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample


class FileDescriptors:
    """How near the host is to running out of file descriptors."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "sys/fs/file-nr")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield from parse(text(self._path, provided_by="the Linux kernel"))


def parse(line: str) -> Iterator[Sample]:
    """The first and third number of file-nr; the second has been 0 since Linux 2.6."""
    allocated, _, maximum = line.split()
    yield Sample("node_filefd_allocated", float(allocated))
    yield Sample("node_filefd_maximum", float(maximum))


SPEC: Final = SensorSpec(name="filefd", build=FileDescriptors, every_s=15)
