# SPDX-License-Identifier: Apache-2.0
"""Reads, writes and waiting of each block device."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Sample

COLUMNS: Final = (
    ("node_disk_reads_completed_total", 1, 1),
    ("node_disk_reads_merged_total", 1, 1),
    ("node_disk_read_bytes_total", 512, 1),
    ("node_disk_read_time_seconds_total", 1, 1000),
    ("node_disk_writes_completed_total", 1, 1),
    ("node_disk_writes_merged_total", 1, 1),
    ("node_disk_written_bytes_total", 512, 1),
    ("node_disk_write_time_seconds_total", 1, 1000),
    ("node_disk_io_now", 1, 1),
    ("node_disk_io_time_seconds_total", 1, 1000),
    ("node_disk_io_time_weighted_seconds_total", 1, 1000),
    ("node_disk_discards_completed_total", 1, 1),
    ("node_disk_discards_merged_total", 1, 1),
    ("node_disk_discarded_sectors_total", 1, 1),
    ("node_disk_discard_time_seconds_total", 1, 1000),
    ("node_disk_flush_requests_total", 1, 1),
    ("node_disk_flush_requests_time_seconds_total", 1, 1000),
)
"""Each column behind the device's name: its metric, and what the number is multiplied and divided by.

A sector is 512 bytes whatever the device's own is, times are in milliseconds. Kernels before 5.5 have fewer columns.
"""
LEFT_OUT: Final = re.compile(r"(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+")
"""Memory disks, loops and partitions: node_exporter's default exclusion."""
DEVICES_MOST: Final = 100
"""Devices reported at most: 1,800 series."""
SERIAL_KEYS: Final = ("SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL")
"""Where udev keeps the serial number, the one printed on the disk first."""


class DiskStatistics:
    """The counters of every block device, and what udev knows of it."""

    def __init__(self, host: Host) -> None:
        self._path = str(host.proc / "diskstats")
        self._udev = str(host.root / "run/udev/data")

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        table = text(self._path, provided_by="the Linux kernel")
        lines = [words for line in table.splitlines() if not LEFT_OUT.fullmatch((words := line.split())[2])]
        for major, minor, device, *numbers in lines[:DEVICES_MOST]:
            yield information(device, major, minor, self._properties(major, minor))
            yield from parse(device, numbers)
        if len(lines) > DEVICES_MOST:
            raise ValueError(f"{self._path} lists {len(lines)} devices, only the first {DEVICES_MOST} are reported")

    def _properties(self, major: str, minor: str) -> Mapping[str, str]:
        try:
            return parse_udev(text(f"{self._udev}/b{major}:{minor}", provided_by="udev"))
        except (NothingToRead, PermissionError):
            return {}


def parse(device: str, numbers: list[str]) -> Iterator[Sample]:
    """The samples of one device from the columns behind its name."""
    labels = (("device", device),)
    for (name, times, by), number in zip(COLUMNS, numbers, strict=False):
        yield Sample(name, int(number) * times / by, labels)


def parse_udev(record: str) -> Mapping[str, str]:
    """The properties of a device in udev's database: its lines `E:KEY=value`."""
    properties = (line[2:].partition("=") for line in record.splitlines() if line.startswith("E:"))
    return {key: value for key, _, value in properties}


def information(device: str, major: str, minor: str, properties: Mapping[str, str]) -> Sample:
    """What a device is: its numbers, and its place, model and serial number where udev knows them."""
    labels = (
        ("device", device),
        ("major", major),
        ("minor", minor),
        ("model", properties.get("ID_MODEL", "")),
        ("path", properties.get("ID_PATH", "")),
        ("revision", properties.get("ID_REVISION", "")),
        ("serial", next((properties[key] for key in SERIAL_KEYS if key in properties), "")),
        ("wwn", properties.get("ID_WWN", "")),
    )
    return Sample("node_disk_info", 1.0, labels)


SPEC: Final = SensorSpec(name="diskstats", build=DiskStatistics, every_s=15)
