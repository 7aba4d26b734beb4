# SPDX-License-Identifier: Apache-2.0
"""What the spool asks of a file system, and the one that asks the operating system.

The contract is small so that a simulated file system can stand in: names within one folder, whole reads, appends,
and the calls that make things durable.
"""

import contextlib
import os
from pathlib import Path
from typing import Protocol


class Readable(Protocol):
    """The files of one folder, to be looked at."""

    def names(self) -> list[str]:
        """The names of the files in the folder."""
        ...

    def read(self, name: str) -> bytes:
        """A whole file."""
        ...


class Files(Readable, Protocol):
    """One folder. Every method but `close` may raise OSError."""

    def create(self, name: str, data: bytes) -> int:
        """A durable file that begins with `data`, in place of any of that name; a handle to append to it.

        Whatever happens in between, under the name stands what stood there before, or the new file whole.
        """
        ...

    def append(self, handle: int, data: bytes) -> None:
        """Write at the end; on an error part of it may have been written."""
        ...

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file."""
        ...

    def sync(self, handle: int) -> None:
        """Make the file's bytes durable. After an error the handle says nothing true any more."""
        ...

    def close(self, handle: int) -> None:
        """Let go of a handle."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Write a small file in place; it may be damaged by a crash."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        ...


class DiskFiles:
    """A folder of this machine, made if it is missing, open to its owner only."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = str(folder)
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    def names(self) -> list[str]:
        """The names of the files in the folder."""
        return os.listdir(self._folder)  # noqa: PTH208 - names are what is wanted, not paths

    def read(self, name: str) -> bytes:
        """A whole file."""
        with open(self._path(name), "rb") as file:  # noqa: PTH123 - one string join cheaper per read
            return file.read()

    def create(self, name: str, data: bytes) -> int:
        """A durable file in place of any of that name: written beside it, then renamed."""
        fresh = self._path(f"{name}.new")
        handle = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            self.append(handle, data)
            os.fsync(handle)
            os.replace(fresh, self._path(name))  # noqa: PTH105 - strings throughout
            os.fsync(self._descriptor)
        except OSError:
            self.close(handle)
            with contextlib.suppress(OSError):
                self.remove(f"{name}.new")
            raise
        return handle

    def append(self, handle: int, data: bytes) -> None:
        """Write at the end."""
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(handle, size)

    def sync(self, handle: int) -> None:
        """Make the file's bytes durable."""
        os.fdatasync(handle)

    def close(self, handle: int) -> None:
        """Let go of a handle; what its close says of earlier writes is too late to matter."""
        with contextlib.suppress(OSError):
            os.close(handle)

    def put(self, name: str, data: bytes) -> None:
        """Write a small file in place."""
        handle = os.open(self._path(name), os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            self.append(handle, data)
        finally:
            self.close(handle)

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(name))  # noqa: PTH108 - strings throughout

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"


class ReadOnly:
    """A folder that is only looked at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """The names of the files in the folder."""
        return [path.name for path in self._folder.iterdir()]

    def read(self, name: str) -> bytes:
        """A whole file."""
        return (self._folder / name).read_bytes()

    def settle(self, name: str) -> None:
        """Have everything that can be read of a file on the disk."""
        handle = os.open(self._folder / name, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
