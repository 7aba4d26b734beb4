# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.sensors.filesystem import MOUNTS_MOST, FileSystems, Mount, parse
from support.pretend_host import empty_host, pretend_host, reading

ROOT = ("/dev/vda1", "ext4", "/")


def test_space_and_inodes_of_a_file_system_are_reported():
    series = reading(FileSystems(pretend_host()))

    assert series["node_filesystem_size_bytes", *ROOT] >= series["node_filesystem_free_bytes", *ROOT]
    assert series["node_filesystem_free_bytes", *ROOT] >= series["node_filesystem_avail_bytes", *ROOT] > 0
    assert series["node_filesystem_files", *ROOT] >= series["node_filesystem_files_free", *ROOT]
    assert series["node_filesystem_readonly", *ROOT] == 0
    assert series["node_filesystem_device_error", *ROOT] == 0


def test_a_file_system_that_fails_is_said_and_fails_no_other():
    series = reading(FileSystems(pretend_host()))

    assert series["node_filesystem_device_error", "/dev/vdb1", "xfs", "/gone"] == 1
    assert ("node_filesystem_size_bytes", "/dev/vdb1", "xfs", "/gone") not in series
    assert series["node_filesystem_device_error", "nas.example:/export", "nfs4", "/srv/data on nas"] == 0


@pytest.mark.parametrize(
    "line",
    [
        "proc /proc proc rw 0 0",
        "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0",
        "/dev/sda1 /var/lib/docker/volumes/a ext4 rw 0 0",
        "overlay / overlay rw 0 0",
        "/dev/loop3 /snap/core/1 squashfs ro 0 0",
        "tmpfs /dev/shm tmpfs rw 0 0",
    ],
)
def test_kernel_interfaces_and_containers_layers_are_left_out(line):
    assert parse(line) == ()


def test_of_two_file_systems_on_one_mount_point_the_upper_is_reported():
    assert parse("/dev/sda1 /mnt ext4 rw 0 0\n/dev/sdb1 /mnt xfs rw 0 0\n") == (Mount("/dev/sdb1", "/mnt", "xfs"),)


@pytest.mark.parametrize(
    ("written", "meant"), [(r"/a\040b", "/a b"), (r"/a\134040", r"/a\040"), ("/dữ-liệu", "/dữ-liệu")]
)
def test_a_mount_point_is_told_as_it_is_called(written, meant):
    assert parse(f"/dev/sda1 {written} ext4 rw 0 0")[0].mountpoint == meant


def test_mounts_past_the_bound_are_left_out_and_said(tmp_path):
    host = empty_host(tmp_path)
    (host.proc / "self").mkdir(parents=True)
    (host.proc / "self/mounts").write_text("".join(f"/dev/sd{i} /m{i} ext4 rw 0 0\n" for i in range(MOUNTS_MOST + 1)))
    seen = []

    with pytest.raises(ValueError, match="only the first"):
        seen.extend(FileSystems(host).read())

    assert len(seen) == MOUNTS_MOST
