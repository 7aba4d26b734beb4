# SPDX-License-Identifier: Apache-2.0
"""The last step of putting a backup back: what is ready takes its places, all of them, also across a power cut.

    data.restoring/  data.restoring.json  →  data/  (and what was there: data.before-20261130T013000Z/)

The file beside the first folder is written once everything is ready and goes last. While it is there nothing starts,
and whoever finishes what it says, once or again, ends where an uninterrupted one would have.
"""

import errno
import os
import shutil
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from giamsat_collector import data_folder
from giamsat_collector.errors import StartError
from giamsat_wire import durable

COMMAND: Final = "giamsat-collector backup finish"
_MOST: Final = 64 << 10
"""Bytes of the file that are read."""


class Swap(BaseModel):
    """Which backup takes which places; `aside` is the ending that what was there gets."""

    model_config = ConfigDict(frozen=True)

    backup: str
    folders: tuple[Path, ...]
    aside: str


def ready(folder: Path) -> Path:
    """Where what takes the place of a folder is made ready."""
    return folder.with_name(f"{folder.name}{data_folder.RESTORING}")


def begin(swap: Swap) -> None:
    """Everything is ready: from here on it takes its places, whatever happens."""
    durable.replace(_written(swap.folders[0]), swap.model_dump_json().encode())


def begun(folder: Path) -> Swap | None:
    """What was begun there and not finished.

    Raises:
        StartError: it cannot be told; the message says what to do.
    """
    path = _written(folder)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unfinished(folder) from error
    with os.fdopen(descriptor, "rb") as file:
        # Another user's word moves no folder.
        if os.fstat(descriptor).st_uid not in {0, os.geteuid()}:
            raise StartError(f"{path}: was not written by us; look at it as root, and remove it")
        try:
            return Swap.model_validate_json(file.read(_MOST))
        except ValidationError as error:
            raise StartError(f"{path}: is damaged; restore the backup again, then remove it") from error


def finish(swap: Swap) -> list[Path]:
    """Have everything in its place; the folders what was there before has gone to.

    Raises:
        OSError: the disk or the system refuses; the rest can be done later.
    """
    aside = []
    for folder in swap.folders:
        before = folder.with_name(f"{folder.name}.before-{swap.aside}")
        fresh = ready(folder)
        if fresh.is_dir():
            if is_empty(folder):
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.rename(_free(before))
                durable.sync(folder.parent)
            fresh.rename(folder)
            durable.sync(folder.parent)
        elif is_empty(folder):
            raise FileNotFoundError(errno.ENOENT, "is gone; restore the backup again", str(fresh))
        if before.is_dir():
            aside.append(before)
    path = _written(swap.folders[0])
    path.unlink()
    durable.sync(path.parent)
    return aside


def unfinished(folder: Path) -> StartError:
    """Says that a backup is half put back, and what finishes that."""
    return StartError(f"{folder}: a backup was being put back here and that was interrupted; as root: {COMMAND}")


def must_be_whole(folder: Path) -> None:
    """Finish what was begun here, by whoever may.

    Raises:
        StartError: this user may not, or the disk refuses; the message says what to do.
    """
    swap = begun(folder)
    if swap is None:
        return
    try:
        finish(swap)
    except OSError as error:
        raise unfinished(folder) from error


def is_empty(folder: Path) -> bool:
    """Whether nothing is kept in a folder: it is not there, or was only held."""
    return not folder.exists() or all(path.name == "lock" for path in folder.iterdir())


def _written(folder: Path) -> Path:
    return ready(folder).with_name(f"{ready(folder).name}.json")


def _free(path: Path) -> Path:
    """The name, or one after it: something was begun anew where the old had left already."""
    others = (path.with_name(f"{path.name}.{number}") for number in range(2, 1_000))
    return path if not path.exists() else next(other for other in others if not other.exists())
