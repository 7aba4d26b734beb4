# SPDX-License-Identifier: Apache-2.0
"""The host under tests/fixtures/host, an empty one, and what a sensor sees of them."""

from pathlib import Path

from giamsat_agent.sensor import Host
from support.clock import ManualClock

TREE = Path(__file__).parents[1] / "fixtures" / "host"


def pretend_host():
    """A small server: two CPUs, one disk, three network devices, five processes."""
    return Host(clock=ManualClock(), proc=TREE / "proc", sys=TREE / "sys", root=TREE / "root")


def empty_host(folder):
    """A host on which nothing can be found; `folder` is an empty one."""
    return Host(clock=ManualClock(), proc=folder / "proc", sys=folder / "sys", root=folder / "root")


def reading(sensor):
    """One reading by name and label values: {("node_load1",): 0.4, ("node_disk_io_now", "vda"): 0.0}."""
    return by_series(sensor.read())


def by_series(samples):
    """Samples by name and label values in the order of the label names."""
    return {(sample.name, *(value for _, value in sample.labels)): sample.value for sample in samples}
