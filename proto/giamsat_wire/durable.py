# SPDX-License-Identifier: Apache-2.0
"""Files and names that outlast a power cut, and files that one process holds. OSError where the disk refuses."""

import contextlib
import errno
import fcntl
import os
from pathlib import Path
from typing import BinaryIO


def create(path: Path, data: bytes) -> None:
    """Write a file that was not there, for its owner's eyes; its name is durable after `sync` of its folder."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Write a file; after this it holds the data, or what it held before, whatever happens."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    create(fresh, data)
    fresh.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make the names in a folder durable; a file system that cannot be asked for it (of the network) does so itself."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def hold(path: Path) -> BinaryIO:
    """A lock file, made if it is not there, that no other process holds until it is closed.

    Raises:
        BlockingIOError: another process holds it.
    """
    file = os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "rb")
    with contextlib.ExitStack() as closing:
        closing.enter_context(file)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        closing.pop_all()
    return file
