# SPDX-License-Identifier: Apache-2.0
"""One file per thing watched; METRICS lists those that yield samples, EVENTS those that yield events."""

from typing import Final

from giamsat_agent.sensor import SensorSpec
from giamsat_agent.sensors import (
    agent_self,
    clock_jump,
    conntrack,
    cpu,
    diskstats,
    file_integrity,
    filefd,
    filesystem,
    kernel_stat,
    listening_ports,
    loadavg,
    meminfo,
    netclass,
    netdev,
    netstat,
    os_release,
    pressure,
    processes,
    sockstat,
    system_log,
    systemd,
    textfile,
    time_of_day,
    timex,
    uname,
    vmstat,
)

METRICS: Final[tuple[SensorSpec, ...]] = (
    agent_self.SPEC,
    conntrack.SPEC,
    cpu.SPEC,
    diskstats.SPEC,
    filefd.SPEC,
    filesystem.SPEC,
    kernel_stat.SPEC,
    loadavg.SPEC,
    meminfo.SPEC,
    netclass.SPEC,
    netdev.SPEC,
    netstat.SPEC,
    os_release.SPEC,
    pressure.SPEC,
    processes.SPEC,
    sockstat.SPEC,
    systemd.SPEC,
    textfile.SPEC,
    time_of_day.SPEC,
    timex.SPEC,
    uname.SPEC,
    vmstat.SPEC,
)

EVENTS: Final[tuple[SensorSpec, ...]] = (
    clock_jump.SPEC,
    file_integrity.SPEC,
    listening_ports.SPEC,
    system_log.SPEC,
)

ALL: Final[tuple[SensorSpec, ...]] = METRICS + EVENTS
