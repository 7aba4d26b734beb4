# SPDX-License-Identifier: Apache-2.0
"""Paging, swapping, page faults and processes killed for lack of memory."""

import re
from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample

FIELDS: Final = re.compile(r"^((?:oom_kill|pgpg|pswp|pg[^ \n]*fault)[^ \n]*) (\d+)$", re.MULTILINE)
"""node_exporter's default choice of the fields of /proc/vmstat."""


class VirtualMemory:
    """The virtual memory counters that are worth sending."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "vmstat")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        yield from parse(text(self._path, provided_by="the Linux kernel"))


def parse(vmstat: str) -> Iterator[Sample]:
    """A sample for each chosen field."""
    for field, number in FIELDS.findall(vmstat):
        yield Sample("node_vmstat_" + field, float(number))


SPEC: Final = SensorSpec(name="vmstat", build=VirtualMemory, every_s=15)
