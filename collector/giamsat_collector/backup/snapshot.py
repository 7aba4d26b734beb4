# SPDX-License-Identifier: Apache-2.0
"""One backup: a folder named after when it was taken. Its manifest names every file with its checksum.

    20261130T013000Z/manifest.json   data/…   signer/…

A folder without a manifest is no backup: the manifest is written last.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from giamsat_collector.errors import RefusedError
from giamsat_wire import durable

MANIFEST: Final = "manifest.json"
DATA, SIGNER = "data", "signer"
DATABASE: Final = "giamsat.db"
CHUNK: Final = 1 << 20
_NAME: Final = re.compile(r"\d{8}T\d{6}Z")
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_MOST: Final = 64 << 20
"""Bytes of a manifest that are read."""


def _within(path: str) -> str:
    """A path that cannot lead out of a backup."""
    pure = PurePosixPath(path)
    # One way to write it: what follows "data//" would be a path from the root once "data/" is taken off.
    if str(pure) != path or pure.parts[0] not in {DATA, SIGNER} or ".." in pure.parts or "\0" in path:
        raise ValueError(f"no file of a backup lies at {path!r}")
    return path


class Piece(BaseModel):
    """A file of a backup: where below its folder, how long, when it was written, and its checksum."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    path: Annotated[str, AfterValidator(_within)]
    size: int = Field(ge=0)
    mtime_ns: int
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Snapshot(BaseModel):
    """A whole backup; `version` is that of the program that took it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    taken: datetime
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """What its folder is called."""
        return self.taken.astimezone(UTC).strftime(_STAMP)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(piece.size for piece in self.pieces)

    @property
    def has_keys(self) -> bool:
        """Whether the keys of the authority are in it."""
        return any(piece.path.startswith(f"{SIGNER}/") or piece.path.startswith(f"{DATA}/ca/") for piece in self.pieces)


def name_of(at: datetime) -> str:
    """The folder of a backup that is taken now."""
    return at.astimezone(UTC).strftime(_STAMP)


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write the manifest, after which the folder is a backup."""
    durable.create(folder / MANIFEST, snapshot.model_dump_json(indent=1).encode())
    durable.sync(folder)


def read(folder: Path) -> Snapshot:
    """The backup in a folder.

    Raises:
        RefusedError: it is none, or its manifest cannot be read.
    """
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            return Snapshot.model_validate_json(file.read(_MOST))
    except OSError as error:
        why = f"{path}: {error.strerror}; 'giamsat-collector backup list {folder.parent}' names the backups there"
        raise RefusedError(why) from error
    except ValidationError as error:
        raise RefusedError(f"{path}: is not the manifest of a backup, or was damaged; take an older one") from error


def every(folder: Path) -> Iterator[tuple[Path, Snapshot]]:
    """The backups in a folder, oldest first; what cannot be read is passed over, and links to elsewhere.

    Raises:
        RefusedError: there is no such folder, or it, or a backup in it, is closed to this user.
    """
    try:
        found = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RefusedError(
            f"{folder}: there is no such folder; name the one that backups are taken to, and see that its disk is there"
        ) from error
    except OSError as error:
        raise RefusedError(f"{folder}: {error.strerror}; run as whose backups these are, or as root") from error
    for path in found:
        if _NAME.fullmatch(path.name) and not path.is_symlink():
            if not os.access(path, os.R_OK | os.X_OK):
                raise RefusedError(f"{path}: Permission denied; run as whose backups these are, or as root")
            with contextlib.suppress(RefusedError):
                yield path, read(path)


def chosen(folder: Path) -> tuple[Path, Snapshot]:
    """The backup a person means: the folder itself, or the newest in it.

    Raises:
        RefusedError: there is none.
    """
    if (folder / MANIFEST).exists():
        return folder, read(folder)
    found = list(every(folder))
    if not found:
        raise RefusedError(f"{folder}: there is no backup; 'giamsat-collector backup make {folder}' takes one")
    return found[-1]


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
