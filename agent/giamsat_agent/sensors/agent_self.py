# SPDX-License-Identifier: Apache-2.0
"""What the agent itself costs: the CPU, memory and file descriptors of this very process."""

import resource
from collections.abc import Iterator
from typing import Final

import psutil

from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample

UNLIMITED_BYTES: Final = float(2**64 - 1)
"""How Prometheus clients write the absence of a limit."""


class AgentSelf:
    """The process that reads this host; its own /proc is asked, whatever the host's roots are."""

    def __init__(self, host: Host) -> None:
        del host
        self._process = psutil.Process()

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        with self._process.oneshot():
            cpu = self._process.cpu_times()
            memory = self._process.memory_info()
            started_s = self._process.create_time()
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        space, _ = resource.getrlimit(resource.RLIMIT_AS)
        yield Sample("process_cpu_seconds_total", cpu.user + cpu.system)
        yield Sample("process_resident_memory_bytes", float(memory.rss))
        yield Sample("process_virtual_memory_bytes", float(memory.vms))
        yield Sample("process_virtual_memory_max_bytes", UNLIMITED_BYTES if space < 0 else float(space))
        yield Sample("process_start_time_seconds", started_s)
        yield Sample("process_open_fds", float(self._process.num_fds()))
        yield Sample("process_max_fds", float(files))


SPEC: Final = SensorSpec(name="agent_self", build=AgentSelf, every_s=15)
