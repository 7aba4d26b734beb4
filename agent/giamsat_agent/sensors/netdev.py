# SPDX-License-Identifier: Apache-2.0
"""Traffic and errors of each network device."""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, SensorSpec
from giamsat_wire.record import Sample

RECEIVED: Final = ("bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast")
SENT: Final = ("bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed")
NAMES: Final = (
    *(f"node_network_receive_{column}_total" for column in RECEIVED),
    *(f"node_network_transmit_{column}_total" for column in SENT),
)
"""The metric of each column of /proc/net/dev, in its order."""
DEVICES_MOST: Final = 100
"""Devices reported at most: 1,600 series. The kernel lists the oldest first, so it is containers' that are left out."""
HEADER_LINES: Final = 2


class NetworkDevices:
    """The counters of every network device."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "net/dev")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        table = text(self._path, provided_by="the Linux kernel")
        yield from parse(table)
        devices = len(table.splitlines()) - HEADER_LINES
        if devices > DEVICES_MOST:
            raise ValueError(f"{self._path} lists {devices} devices, only the first {DEVICES_MOST} are reported")


def parse(table: str) -> Iterator[Sample]:
    """The samples of at most DEVICES_MOST devices."""
    for line in table.splitlines()[HEADER_LINES : HEADER_LINES + DEVICES_MOST]:
        # The last colon: an alias such as eth0:1 has one in its name, and old kernels print no space behind it.
        device, _, numbers = line.rpartition(":")
        labels = (("device", device.strip()),)
        for name, number in zip(NAMES, numbers.split(), strict=True):
            yield Sample(name, float(number), labels)


SPEC: Final = SensorSpec(name="netdev", build=NetworkDevices, every_s=15)
