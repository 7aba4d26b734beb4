# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.diskstats import LEFT_OUT, DiskStatistics
from support.pretend_host import pretend_host, reading


def test_sectors_become_bytes_and_milliseconds_seconds():
    series = reading(DiskStatistics(pretend_host()))

    assert series["node_disk_read_bytes_total", "vda"] == 3312450 * 512
    assert series["node_disk_read_time_seconds_total", "vda"] == 15.64
    assert series["node_disk_io_now", "vda"] == 2
    assert series["node_disk_discarded_sectors_total", "vda"] == 912345
    assert series["node_disk_flush_requests_time_seconds_total", "vda"] == 3.21


def test_an_older_kernel_gives_the_columns_it_has():
    series = reading(DiskStatistics(pretend_host()))

    assert ("node_disk_io_time_weighted_seconds_total", "sr0") in series
    assert ("node_disk_discards_completed_total", "sr0") not in series


def test_what_udev_knows_of_a_disk_is_told_by_labels():
    series = reading(DiskStatistics(pretend_host()))

    known = ("vda", "253", "0", "Block Device", "pci-0000:04:00.0", "", "vol-0a1b2c", "")
    assert series["node_disk_info", *known] == 1
    assert series["node_disk_info", "sr0", "11", "0", "", "", "", "", ""] == 1


@pytest.mark.parametrize("device", ["loop0", "ram1", "zram0", "sda1", "vda12", "nvme0n1p2"])
def test_partitions_loops_and_memory_disks_are_left_out(device):
    assert LEFT_OUT.fullmatch(device)


@pytest.mark.parametrize("device", ["sda", "vda", "nvme0n1", "dm-0", "md0", "sr0", "mmcblk0"])
def test_disks_are_kept(device):
    assert not LEFT_OUT.fullmatch(device)
