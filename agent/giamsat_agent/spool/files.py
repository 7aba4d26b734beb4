# SPDX-License-Identifier: Apache-2.0
"""What the spool asks of a file system, and the one that asks the operating system.

The contract is small so that a simulated file system can stand in: names within one folder, whole reads, appends,
and the two calls that make things durable.
"""

import os
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """One folder. Every method may raise OSError."""

    def names(self) -> list[str]:
        """The names of the files in the folder."""
        ...

    def read(self, name: str) -> bytes:
        """A whole file."""
        ...

    def create(self, name: str) -> int:
        """A new, empty file to append to, in place of any file of that name; its handle."""
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

    def sync_folder(self) -> None:
        """Make the names durable."""
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Put a durable file with these bytes in place of one of that name: either the old or the new is there."""
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

    def create(self, name: str) -> int:
        """A new, empty file to append to."""
        return os.open(self._path(name), os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND, 0o600)

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
        """Let go of a handle."""
        os.close(handle)

    def sync_folder(self) -> None:
        """Make the names durable."""
        os.fsync(self._descriptor)

    def replace(self, name: str, data: bytes) -> None:
        """Put a durable file in place of another."""
        fresh = f"{name}.new"
        handle = self.create(fresh)
        try:
            self.append(handle, data)
            self.sync(handle)
        finally:
            self.close(handle)
        os.replace(self._path(fresh), self._path(name))  # noqa: PTH105 - strings throughout
        self.sync_folder()

    def put(self, name: str, data: bytes) -> None:
        """Write a small file in place."""
        handle = os.open(self._path(name), os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.pwrite(handle, data, 0)
        finally:
            os.close(handle)

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        try:
            os.unlink(self._path(name))  # noqa: PTH108 - strings throughout
        except FileNotFoundError:
            return

    def _path(self, name: str) -> str:
        return f"{self._folder}/{name}"
