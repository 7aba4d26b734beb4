# SPDX-License-Identifier: Apache-2.0
"""Space and inodes of each mounted file system."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from giamsat_agent.machine.kernel_text import text
from giamsat_agent.machine.mount_probe import MountProbe
from giamsat_agent.sensor import Host, NothingToRead, SensorSpec
from giamsat_wire.record import Labels, Sample

MOUNT_POINTS_LEFT_OUT: Final = re.compile(
    r"/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)"
)
"""node_exporter's default exclusion."""
TYPES_LEFT_OUT: Final = re.compile(
    r"autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay"
    r"|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs"
)
"""node_exporter's default exclusion: kernel interfaces, read-only images and containers' layers."""
MOUNTS_MOST: Final = 100
"""File systems reported at most: 700 series."""
WAIT_S: Final = 1.0
"""How long one reading waits for all its file systems together; below the sensor's time limit."""
ESCAPED: Final = re.compile(r"\\([0-7]{3})")
"""How a mount table writes a space, tab, newline or backslash (fstab(5))."""


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the mount table."""

    device: str
    mountpoint: str
    fstype: str

    def labels(self) -> Labels:
        """The labels of every sample of this mount."""
        return (("device", self.device), ("fstype", self.fstype), ("mountpoint", self.mountpoint))


class FileSystems:
    """Every mounted file system that holds data; one that does not answer costs the others nothing."""

    def __init__(self, host: Host) -> None:
        # Those of process 1, because a service manager may show the agent a smaller tree.
        self._tables = (str(host.proc / "1/mounts"), str(host.proc / "self/mounts"))
        self._root = str(host.root).rstrip("/")
        self._probe = MountProbe(host.clock)

    def read(self) -> Iterator[Sample]:
        """Yield one reading."""
        mounts = parse(self._table())
        paths = [self._root + mount.mountpoint for mount in mounts[:MOUNTS_MOST]]
        answers = self._probe.ask(paths, wait_s=WAIT_S)
        for mount, path in zip(mounts, paths, strict=False):
            yield from samples(mount, answers.get(path))
        if len(mounts) > MOUNTS_MOST:
            raise ValueError(f"{len(mounts)} file systems are mounted, only the first {MOUNTS_MOST} are reported")

    def _table(self) -> str:
        of_init, own = self._tables
        try:
            return text(of_init, provided_by="a mounted procfs")
        except (NothingToRead, PermissionError):
            return text(own, provided_by="a mounted procfs")


def parse(table: str) -> tuple[Mount, ...]:
    """The mounts that are watched, each mount point once: the one mounted last hides those below it."""
    mounts: dict[str, Mount] = {}
    for line in table.splitlines():
        device, mountpoint, fstype, *_ = (_unescaped(word) for word in line.split(" "))
        mounts.pop(mountpoint, None)
        if not TYPES_LEFT_OUT.fullmatch(fstype) and not MOUNT_POINTS_LEFT_OUT.match(mountpoint):
            mounts[mountpoint] = Mount(device, mountpoint, fstype)
    return tuple(mounts.values())


def samples(mount: Mount, answer: os.statvfs_result | None) -> Iterator[Sample]:
    """The samples of one mount; None is a file system that failed or did not answer."""
    labels = mount.labels()
    yield Sample("node_filesystem_device_error", float(answer is None), labels)
    if answer is None:
        return
    yield Sample("node_filesystem_size_bytes", float(answer.f_blocks * answer.f_frsize), labels)
    yield Sample("node_filesystem_free_bytes", float(answer.f_bfree * answer.f_frsize), labels)
    yield Sample("node_filesystem_avail_bytes", float(answer.f_bavail * answer.f_frsize), labels)
    yield Sample("node_filesystem_files", float(answer.f_files), labels)
    yield Sample("node_filesystem_files_free", float(answer.f_ffree), labels)
    yield Sample("node_filesystem_readonly", float(bool(answer.f_flag & os.ST_RDONLY)), labels)


def _unescaped(word: str) -> str:
    return ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), word)


SPEC: Final = SensorSpec(name="filesystem", build=FileSystems, every_s=15)
