# SPDX-License-Identifier: Apache-2.0
"""The folder of everything a collector keeps: made, held for one process, and not begun anew while it is put back."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from giamsat_collector.errors import StartError
from giamsat_wire import durable
from giamsat_wire.ownership import foreign_owner

RESTORING: Final = ".restoring"
"""How a folder beside another is named that is about to take its place."""


def made(folder: Path) -> Path:
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


def must_be_ours(folder: Path) -> None:
    """Do nothing, unless root is about to run in the folder of another user, who could read nothing that root writes.

    Raises:
        StartError: so it is.
    """
    if (owner := foreign_owner(folder)) is not None:
        raise StartError(
            f"{folder} belongs to another user (number {owner}), who could not read what root writes there; run as "
            "that user, as the service does: systemctl start giamsat-collector"
        )


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[Path]:
    """The data folder, held for this process: a second one would take the sockets of the first away.

    Raises:
        StartError: another collector holds it, or it cannot be used.
    """
    data = made(folder)
    try:
        lock = durable.hold(data / "lock")
    except BlockingIOError as error:
        raise StartError(
            f"{data}: another collector is running with this data; stop it, or give another folder"
        ) from error
    except OSError as error:
        raise StartError(f"{data / 'lock'}: {error.strerror}; run as the owner of the data folder") from error
    with lock:
        yield data
