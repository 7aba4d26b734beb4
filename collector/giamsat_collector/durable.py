# SPDX-License-Identifier: Apache-2.0
"""Files and names that outlast a power cut. What has no error of its own raises OSError where the disk refuses."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from giamsat_collector.errors import StartError

RESTORING: Final = ".restoring"
"""How a folder beside another is named that is about to take its place."""


def create(path: Path, data: bytes) -> None:
    """Write a file that was not there, for its owner's eyes; its name is durable after `sync` of its folder."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Write a file; after this it holds the data, or what it held before, whatever happens."""
    fresh = path.with_suffix(".new")
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


def data_folder(folder: Path) -> Path:
    """The folder of everything a collector keeps, made if it is not there.

    Raises:
        StartError: it cannot be made, or not be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        why = f"{folder}: the data folder cannot be made: {error.strerror}; set 'data' in the file"
        raise StartError(why) from error
    if not os.access(folder, os.W_OK):
        raise StartError(f"{folder}: the data folder cannot be written; run as its owner, or set 'data' in the file")
    return folder


def must_not_be_coming(folder: Path) -> None:
    """Do nothing, unless a folder that is not there is just being put back from a backup: it is not begun anew.

    Raises:
        StartError: it is, or what it lies in.
    """
    for place in (folder, folder.parent):
        coming = place.with_name(f"{place.name}{RESTORING}")
        if coming.exists():
            remedy = "as root: giamsat-collector backup finish, or restore again"
            raise StartError(f"{coming}: {folder} is being put back from a backup; {remedy}")


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[Path]:
    """The data folder, held for this process: a second one would take the sockets of the first away.

    Raises:
        StartError: another collector holds it, or it cannot be used.
    """
    data = data_folder(folder)
    try:
        descriptor = os.open(data / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"{data / 'lock'}: {error.strerror}; run as the owner of the data folder") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise StartError(
            f"{data}: another collector is running with this data; stop it, or give another folder"
        ) from error
    try:
        yield data
    finally:
        os.close(descriptor)
