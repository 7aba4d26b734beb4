# SPDX-License-Identifier: Apache-2.0
"""A disk that can be full, fail and lose power.

Files have bytes that are durable and bytes that are only written; names likewise. A power cut keeps of what was not
made durable as much or as little as a real disk may: any of the unsynchronised names, any part of an unsynchronised
tail, zeros or noise in its place.
"""

import errno
from dataclasses import dataclass, field
from random import Random


class PowerCut(BaseException):
    """The machine stopped in the middle of an operation."""


@dataclass(eq=False)
class Inode:
    """`stuck`: a synchronisation failed, after which the kernel forgets what it still had to write."""

    durable: bytes = b""
    written: bytes = b""
    stuck: bool = False


@dataclass
class Disk:
    """One disk with folders. In operation `cut_at` the power fails; operations named in `failing` end with EIO."""

    rng: Random = field(default_factory=lambda: Random(0))
    capacity: int = 1 << 40
    cut_at: int | None = None
    operations: int = 0
    failing: set[str] = field(default_factory=set)
    folders: dict[str, "Folder"] = field(default_factory=dict)

    def folder(self, name: str) -> "Folder":
        """The files of one folder, as the spool asks for them."""
        return self.folders.setdefault(name, Folder(self))

    @property
    def used(self) -> int:
        return sum(len(inode.written) for folder in self.folders.values() for inode in folder.names_now.values())

    def step(self, what: str) -> None:
        self.operations += 1
        if self.cut_at is not None and self.operations >= self.cut_at:
            raise PowerCut
        if what in self.failing:
            raise OSError(errno.EIO, "Input/output error")

    def kill(self) -> None:
        """The process ends at once; the machine goes on."""
        self.cut_at = None
        for folder in self.folders.values():
            folder.handles.clear()

    def cut(self) -> None:
        """The power fails and comes back; what fails before works again."""
        self.kill()
        self.failing.clear()
        for folder in self.folders.values():
            folder.lose_power()


class Folder:
    """Implements giamsat_agent.spool.files.Files."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.names_now: dict[str, Inode] = {}
        self.names_durable: dict[str, Inode] = {}
        self.handles: dict[int, Inode] = {}
        self._last_handle = 2

    def names(self):
        self.disk.step("list")
        return list(self.names_now)

    def read(self, name):
        self.disk.step("read")
        if name not in self.names_now:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
        return self.names_now[name].written

    def create(self, name, data):
        self.disk.step("create")
        inode = self.names_now[f"{name}.new"] = Inode()
        try:
            self._extend(inode, data)
            self._harden(inode)
            self.disk.step("rename")
            self.names_now[name] = self.names_now.pop(f"{name}.new")
            self.disk.step("sync")
            self.names_durable = dict(self.names_now)
        except OSError:
            self.names_now.pop(f"{name}.new", None)
            raise
        return self._handle(inode)

    def append(self, handle, data):
        self._extend(self._inode(handle), data)

    def truncate(self, handle, size):
        self.disk.step("truncate")
        inode = self._inode(handle)
        inode.written = inode.written[:size]

    def sync(self, handle):
        self._harden(self._inode(handle))

    def close(self, handle):
        self.handles.pop(handle, None)

    def put(self, name, data):
        self.disk.step("put")
        self._room(len(data))
        inode = self.names_now.setdefault(name, Inode())
        inode.written = data + inode.written[len(data) :]

    def remove(self, name):
        self.disk.step("remove")
        self.names_now.pop(name, None)

    def damage(self, name, at, data=b"\xff"):
        """Other bytes in the middle of a file, now and after a power cut."""
        inode = self.names_now[name]
        inode.written = inode.durable = inode.written[:at] + data + inode.written[at + len(data) :]

    def lose_power(self):
        rng, kept = self.disk.rng, {}
        for name in sorted({*self.names_now, *self.names_durable}):
            now, before = self.names_now.get(name), self.names_durable.get(name)
            inode = now if now is before or rng.random() < 0.5 else before
            if inode is not None:
                kept[name] = inode
        for inode in {id(inode): inode for inode in kept.values()}.values():
            inode.written = inode.durable = _survived(inode, rng)
        self.names_now, self.names_durable = dict(kept), dict(kept)

    def _handle(self, inode):
        self._last_handle += 1
        self.handles[self._last_handle] = inode
        return self._last_handle

    def _inode(self, handle):
        if handle not in self.handles:
            raise OSError(errno.EBADF, "Bad file descriptor")
        return self.handles[handle]

    def _extend(self, inode, data):
        if self.disk.cut_at is not None and self.disk.operations + 1 >= self.disk.cut_at:
            inode.written += data[: self.disk.rng.randint(0, len(data))]
        self.disk.step("append")
        room = self.disk.capacity - self.disk.used
        inode.written += data[: max(0, room)]
        if room < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")

    def _room(self, size):
        if self.disk.capacity - self.disk.used < size:
            raise OSError(errno.ENOSPC, "No space left on device")

    def _harden(self, inode):
        try:
            self.disk.step("sync")
        except OSError:
            inode.stuck = True
            raise
        if not inode.stuck:
            inode.durable = inode.written


def _survived(inode, rng):
    """What a disk may hold of a file after a power cut."""
    durable, written = inode.durable, inode.written
    if not written.startswith(durable) or len(written) == len(durable) or rng.random() < 0.3:
        return durable
    tail = bytearray(written[len(durable) : rng.randint(len(durable), len(written))])
    if tail and rng.random() < 0.5:
        bad = rng.randint(0, len(tail) - 1)
        tail[bad:] = bytes(len(tail) - bad) if rng.random() < 0.5 else rng.randbytes(len(tail) - bad)
    return durable + bytes(tail)
