# SPDX-License-Identifier: Apache-2.0
"""The kernel's name and release and the host's own name."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from giamsat_agent.machine.kernel_text import attribute, text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "domainname": "domainname",
        "nodename": "hostname",
        "release": "osrelease",
        "sysname": "ostype",
        "version": "version",
    }
)
"""The label of each file in /proc/sys/kernel: the fields of uname(2)."""


class Uname:
    """What uname(2) answers, read where a fixture can answer instead."""

    def __init__(self, host: Host) -> None:
        self._folder: Path = host.proc / "sys/kernel"

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        labels = {
            label: text(str(self._folder / file), provided_by="the Linux kernel").rstrip("\n")
            for label, file in FILES.items()
        }
        # Only kernels from 6.1 on write it down.
        labels["machine"] = attribute(str(self._folder / "arch")) or os.uname().machine
        yield Sample("node_uname_info", 1.0, tuple(sorted(labels.items())))


SPEC: Final = SensorSpec(name="uname", build=Uname, every_s=15)
