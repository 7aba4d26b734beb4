# SPDX-License-Identifier: Apache-2.0
"""Taking a backup while the collector works.

The database is copied in one reading of it, so that it is as it was at one moment. Of the archive only what changed is
copied; all else is the same file as in the backup before, by a hard link where the file system has those.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from giamsat_collector.archive.keeping import READER
from giamsat_collector.backup import snapshot
from giamsat_collector.backup.snapshot import CHUNK, DATA, DATABASE, SIGNER, Piece, Snapshot
from giamsat_collector.errors import StartError
from giamsat_wire import durable

UNFINISHED: Final = ".unfinished"
GOING: Final = ".going"
ROOM: Final = 64 << 20
"""Bytes that stay free on the disk of the backups."""
_PASSED_OVER: Final = frozenset({DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", "lock"})

_ELSEWHERE: Final = re.compile(r"archive(/level-[1-5])?")

Say = Callable[[str, int], None]
"""Told of each file that is done, and of its bytes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is backed up: the data folder, and that of the authority's keys if they are to be in it."""

    data: Path
    signer: Path | None = None

    def files(self) -> Iterator[tuple[Path, str]]:
        """Every file but the database, and its place in a backup."""
        for path in sorted(_below(self.data)):
            if path.parent != self.data or path.name not in _PASSED_OVER:
                yield path, f"{DATA}/{path.relative_to(self.data)}"
        if self.signer is not None:
            for path in sorted(_below(self.signer)):
                yield path, f"{SIGNER}/{path.relative_to(self.signer)}"


@dataclass(frozen=True, slots=True)
class _Before:
    """The newest backup there is: what is in it, by place."""

    folder: Path
    pieces: Mapping[str, Piece]


def take(wanted: Wanted, into: Path, *, at: datetime, version: str, say: Say) -> Snapshot:
    """Take a backup into a new folder of `into`, which is made if it is not there.

    Raises:
        StartError: there is no collector's data, too little room, another backup is being taken, or the disk refuses.
    """
    _must_be_data(wanted.data, into)
    with _alone(into):
        try:
            return _taken(wanted, into, at=at, version=version, say=say)
        except OSError as error:
            place = error.filename or into
            large = "; FAT holds 4 GB in a file at most: give a disk with exFAT or ext4" if _is_large(error) else ""
            raise StartError(
                f"{place}: the backup was not finished: {error.strerror}; the earlier ones stay{large}"
            ) from error
        except sqlite3.Error as error:
            why = f"{wanted.data / DATABASE}: cannot be copied to {into}: {error}; check both disks"
            raise StartError(why) from error
        finally:
            shutil.rmtree(into / UNFINISHED, ignore_errors=True)


def _is_large(error: OSError) -> bool:
    return error.errno == errno.EFBIG


def thin_out(into: Path, keep: int, fresh: Path) -> list[Path]:
    """Delete the oldest backups but for so many; what was deleted.

    `fresh` stays whatever others are named: a clock that once ran ahead makes them look newer.

    Raises:
        StartError: one cannot be deleted.
    """
    others = [path for path, _ in snapshot.every(into) if path != fresh]
    gone = others[: max(0, len(others) + 1 - max(1, keep))]
    going = into / GOING
    try:
        shutil.rmtree(going, ignore_errors=True)  # where this was killed
        for path in gone:
            path.rename(going)  # from here on it is none
            shutil.rmtree(going)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}; {fresh} is whole, an old backup could not be deleted: do so by hand"
        raise StartError(why) from error
    return gone


def _below(folder: Path, at: str = "") -> Iterator[Path]:
    """Every file in a folder. Of links only those of the archive, to other disks, are followed: root reads them."""
    for path in folder.iterdir():
        place = f"{at}{path.name}"
        if path.is_symlink() and not _ELSEWHERE.fullmatch(place):
            continue
        if path.is_dir():
            yield from _below(path, f"{place}/")
        elif path.is_file():
            yield path


def _taken(wanted: Wanted, into: Path, *, at: datetime, version: str, say: Say) -> Snapshot:
    name = snapshot.name_of(at)
    if (into / name).exists():
        raise StartError(f"{into / name}: a backup was taken in this second; try again")
    fresh, before = into / UNFINISHED, _newest(into)
    shutil.rmtree(fresh, ignore_errors=True)  # of one that was killed; its room is free again
    _must_have_room(wanted, into, before)
    fresh.mkdir(mode=0o700)  # refused where another user put a link in its place
    (fresh / DATA).mkdir(mode=0o700)
    # What is archived later than this is in the database still; it is archived once more after it was put back.
    archived = _archived(wanted.data / DATABASE)
    pieces = [piece for path, place in wanted.files() if (piece := _copy(path, place, fresh, before, say))]
    pieces.append(_database(wanted.data / DATABASE, fresh / DATA / DATABASE, archived))
    say(pieces[-1].path, pieces[-1].size)
    taken = Snapshot(version=version, taken=at, pieces=tuple(pieces))
    for folder in {(fresh / piece.path).parent for piece in pieces}:
        durable.sync(folder)
    snapshot.write(fresh, taken)
    fresh.rename(into / name)
    durable.sync(into)
    return taken


def _must_be_data(data: Path, into: Path) -> None:
    try:
        there = (data / DATABASE).is_file()
    except OSError as error:
        raise StartError(f"{data}: {error.strerror}; run as root") from error
    if not there:
        raise StartError(f"{data}: holds no collector's data; give --config")
    if into.resolve().is_relative_to(data.resolve()):
        raise StartError(f"{into}: lies in the data itself; give a folder on another disk")


@contextlib.contextmanager
def _alone(into: Path) -> Iterator[None]:
    try:
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = durable.hold(into / ".lock")
    except BlockingIOError as error:
        raise StartError(f"{into}: another backup is being taken there; wait until it is done") from error
    except OSError as error:
        raise StartError(f"{into}: {error.strerror}; give a folder that you may write and lock") from error
    with lock:
        yield


def _newest(into: Path) -> _Before | None:
    found = list(snapshot.every(into))
    if not found:
        return None
    path, newest = found[-1]
    return _Before(path, {piece.path: piece for piece in newest.pieces})


def _must_have_room(wanted: Wanted, into: Path, before: _Before | None) -> None:
    need = (wanted.data / DATABASE).stat().st_size
    with contextlib.suppress(FileNotFoundError):
        need += (wanted.data / f"{DATABASE}-wal").stat().st_size  # most of it may be new pages
    for path, place in wanted.files():
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            need += 0 if before and _same(before.pieces.get(place), stat) else stat.st_size
    free = shutil.disk_usage(into).free
    if free < need + ROOM:
        raise StartError(
            f"{into}: {(need + ROOM) / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB free; "
            "give another disk, or keep fewer with --keep"
        )


def _same(piece: Piece | None, stat: os.stat_result) -> bool:
    return piece is not None and (piece.size, piece.mtime_ns) == (stat.st_size, stat.st_mtime_ns)


def _copy(path: Path, place: str, fresh: Path, before: _Before | None, say: Say) -> Piece | None:
    """Bring a file into the backup; None when it is gone: days of the archive end."""
    target = fresh / place
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("rb") as source:
            stat = os.fstat(source.fileno())
            known = before.pieces.get(place) if before else None
            if before and known and _same(known, stat) and _linked(before.folder / place, target, stat):
                say(place, known.size)
                return known
            digest, left = hashlib.sha256(), stat.st_size
            # On a disk without permissions (FAT) they cannot be changed, and a new file is what the mount makes of it.
            with open(target, "xb", opener=_for_its_owner) as copied:
                # What is written meanwhile is not looked at: a file may grow.
                while left and (data := source.read(min(CHUNK, left))):
                    digest.update(data)
                    copied.write(data)
                    left -= len(data)
                copied.flush()
                os.fsync(copied.fileno())
    except FileNotFoundError:
        return None
    os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    say(place, stat.st_size - left)
    return Piece(path=place, size=stat.st_size - left, mtime_ns=stat.st_mtime_ns, sha256=digest.hexdigest())


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _linked(known: Path, target: Path, stat: os.stat_result) -> bool:
    """Whether the file of the backup before could stand in this one too."""
    try:
        if known.stat().st_size != stat.st_size:
            return False
        os.link(known, target)
    except OSError:
        return False
    return True


def _archived(database: Path) -> int:
    with closing(_opened(database)) as live:
        row = live.execute("SELECT frame_id FROM progress WHERE reader = ?", (READER,)).fetchone()
    return int(row[0]) if row else 0


def _database(source: Path, target: Path, archived: int) -> Piece:
    """The database as it is at one moment, as one file; what came after `archived` is to be archived once more."""
    target.touch(mode=0o600)
    with closing(_opened(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("UPDATE progress SET frame_id = min(frame_id, ?) WHERE reader = ?", (archived, READER))
        copy.commit()
        copy.execute("PRAGMA journal_mode = DELETE")
    with target.open("rb") as file:
        os.fsync(file.fileno())
    stat = target.stat()
    place = f"{DATA}/{DATABASE}"
    return Piece(path=place, size=stat.st_size, mtime_ns=stat.st_mtime_ns, sha256=snapshot.checksum(target))


def _opened(database: Path) -> sqlite3.Connection:
    live = sqlite3.connect(database, timeout=30)
    live.execute("PRAGMA query_only = 1")
    return live
