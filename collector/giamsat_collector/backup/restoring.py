# SPDX-License-Identifier: Apache-2.0
"""Looking through a backup, and putting it back where a collector's data was; what was there is moved aside."""

import errno
import os
import pwd
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from giamsat_collector.backup import snapshot, swapping
from giamsat_collector.backup.snapshot import DATA, DATABASE, SIGNER, Piece, Snapshot
from giamsat_collector.backup.swapping import Swap
from giamsat_collector.errors import RefusedError, StartError
from giamsat_wire import durable

Say = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a backup goes, and the account whose it is there if nobody's folder says so."""

    part: str
    folder: Path
    account: str

    @property
    def fresh(self) -> Path:
        """Where it is made before it takes the place."""
        return swapping.ready(self.folder)


def damaged(folder: Path, taken: Snapshot, say: Say) -> Iterator[str]:
    """What is wrong with a backup, a sentence each."""
    for piece in taken.pieces:
        path = folder / piece.path
        try:
            if path.is_symlink() or path.stat().st_size != piece.size or snapshot.checksum(path) != piece.sha256:
                yield f"{path}: is not what was written"
        except OSError as error:
            yield f"{path}: {error.strerror}"
        say(piece.path, piece.size)
    yield from _damaged_rows(folder / DATA / DATABASE)


def put_back(folder: Path, taken: Snapshot, places: list[Place], *, at: datetime, say: Say) -> list[Path]:
    """Put a backup back; the folders what was there before has gone to.

    The caller has looked through it, and holds the data folder so that no collector runs.

    Raises:
        StartError: there is too little room or the disk refuses; what was there before is still there, or, once
            everything was ready, 'backup finish' has the rest done.
    """
    swap = Swap(
        backup=taken.name, folders=tuple(place.folder.absolute() for place in places), aside=snapshot.name_of(at)
    )
    try:
        for place in places:
            fresh = place.fresh
            shutil.rmtree(fresh, ignore_errors=True)
            place.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _must_hold(place, taken)
            fresh.mkdir(mode=0o700)  # refused where another user put a link in its place
            owner = _owner(place)
            for piece in (one for one in taken.pieces if one.path.startswith(f"{place.part}/")):
                _copy(folder / piece.path, fresh / piece.path.removeprefix(f"{place.part}/"), piece)
                say(piece.path, piece.size)
            _hand_over(fresh, owner)
            durable.sync(place.folder.parent)
        swapping.begin(swap)
    except OSError as error:
        where = error.filename or places[0].folder
        raise StartError(f"{where}: {error.strerror}: the backup was not put back; {_remedy(error)}") from error
    finally:
        if swapping.begun(places[0].folder) is None:
            for place in places:
                shutil.rmtree(place.fresh, ignore_errors=True)
    try:
        return swapping.finish(swap)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}; nothing is lost: mend that, then as root: {swapping.COMMAND}"
        raise StartError(why) from error


def parts(taken: Snapshot, data: Path, signer: Path | None) -> list[Place]:
    """Where a backup goes.

    Raises:
        RefusedError: the keys of the authority are wanted and not in it.
    """
    places = [Place(DATA, data, "giamsat-collector")]
    if signer is not None:
        if not any(piece.path.startswith(f"{SIGNER}/") for piece in taken.pieces):
            raise RefusedError("the keys of the authority are not in this backup; leave --signer away")
        places.append(Place(SIGNER, signer, "giamsat-signer"))
    return places


def _must_hold(place: Place, taken: Snapshot) -> None:
    if place.folder.is_mount():
        raise StartError(
            f"{place.folder}: is a disk of its own, which cannot be moved aside; nothing was touched: "
            f"name a folder on it, such as {place.folder / 'restored'}, and restore there"
        )
    need = sum(piece.size for piece in taken.pieces if piece.path.startswith(f"{place.part}/"))
    free = shutil.disk_usage(place.folder.parent).free
    if free < need:
        raise StartError(
            f"{place.folder}: {need / 1e6:,.0f} MB are needed beside what is there, and {free / 1e6:,.0f} MB free; "
            "nothing was touched: make room"
        )


def _damaged_rows(database: Path) -> Iterator[str]:
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            for (said,) in connection.execute("PRAGMA quick_check(5)"):
                if said != "ok":
                    yield f"{database}: {said}"
    except sqlite3.Error as error:
        yield f"{database}: {error}"


def _remedy(error: OSError) -> str:
    if error.errno in {errno.EPERM, errno.ENOSYS, errno.ENOTSUP} and os.geteuid() == 0:
        return (
            "the disk keeps no owners or permissions (FAT, or one of the network): "
            "put 'data' on a disk of this host such as ext4"
        )
    return "run as root, and free space"


def _owner(place: Place) -> tuple[int, int]:
    if not swapping.is_empty(place.folder):
        stat = place.folder.stat()
        return stat.st_uid, stat.st_gid
    try:
        account = pwd.getpwnam(place.account)
    except KeyError:
        return os.geteuid(), os.getegid()
    return account.pw_uid, account.pw_gid


def _copy(source: Path, target: Path, piece: Piece) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as read, open(target, "xb", opener=_for_its_owner) as written:
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())
    os.utime(target, ns=(piece.mtime_ns, piece.mtime_ns))


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _hand_over(folder: Path, owner: tuple[int, int]) -> None:
    """Give everything to whom it was, the way to it last, so that nobody exchanges any of it; its names are durable."""
    for path in reversed((folder, *folder.rglob("*"))):
        if os.geteuid() == 0:
            os.chown(path, *owner)
        if path.is_dir():
            path.chmod(0o700)
            if path.stat().st_mode & 0o077:
                raise PermissionError(errno.EPERM, "is open to everybody, whatever is asked for", str(path))
            durable.sync(path)
