# SPDX-License-Identifier: Apache-2.0
import errno
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from giamsat_collector.archive.keeping import READER
from giamsat_collector.backup import restoring, snapshot, taking
from giamsat_collector.backup.taking import Wanted, take, thin_out
from giamsat_collector.errors import StartError
from support.stick import stick

AT = datetime(2026, 11, 30, 1, 30, tzinfo=UTC)


@pytest.fixture
def data(tmp_path):
    """The folder of a collector that has judged seven frames and archived five."""
    folder = tmp_path / "data"
    (folder / "archive/level-3").mkdir(parents=True)
    (folder / "archive/level-3/2026-11-29.frames").write_bytes(b"one day")
    (folder / "metrics.token").write_text("secret")
    (folder / "lock").touch()
    with closing(sqlite3.connect(folder / "giamsat.db")) as rows:
        rows.execute("PRAGMA journal_mode = WAL")
        rows.execute("CREATE TABLE progress (reader TEXT, frame_id INTEGER)")
        rows.executemany("INSERT INTO progress VALUES (?, ?)", [(READER, 5), ("judge", 7)])
        rows.commit()
    return folder


@pytest.fixture
def into(tmp_path):
    return tmp_path / "backups"


def taken(data, into, *, days=0, signer=None, say=lambda *_: None):
    at = AT + timedelta(days=days)
    found = take(Wanted(data, signer), into, at=at, version="1.0", say=say)
    return into / found.name


def rows_of(folder):
    with closing(sqlite3.connect(folder / "data/giamsat.db")) as rows:
        return dict(rows.execute("SELECT reader, frame_id FROM progress"))


def test_a_backup_holds_everything_and_names_it_by_its_checksum(data, into):
    told = []
    folder = taken(data, into, say=lambda place, size: told.append(place))
    found = snapshot.read(folder)

    assert folder.name == "20261130T013000Z"
    assert (
        {piece.path for piece in found.pieces}
        == set(told)
        == {
            "data/archive/level-3/2026-11-29.frames",
            "data/metrics.token",
            "data/giamsat.db",
        }
    )
    assert all(snapshot.checksum(folder / piece.path) == piece.sha256 for piece in found.pieces)
    assert rows_of(folder) == {READER: 5, "judge": 7}
    assert not found.has_keys


def test_what_is_archived_while_it_is_taken_is_archived_once_more_after_it_was_put_back(data, into):
    def archive(_place, _size):
        with closing(sqlite3.connect(data / "giamsat.db")) as rows:
            rows.execute("UPDATE progress SET frame_id = 9")
            rows.commit()

    assert rows_of(taken(data, into, say=archive)) == {READER: 5, "judge": 9}


def test_a_file_that_did_not_change_is_the_same_file_in_both_backups_and_one_that_did_is_not(data, into):
    first = taken(data, into)
    (data / "metrics.token").write_text("another")
    second = taken(data, into, days=1)
    day, token = "data/archive/level-3/2026-11-29.frames", "data/metrics.token"

    assert (first / day).samefile(second / day)
    assert ((first / token).read_text(), (second / token).read_text()) == ("secret", "another")


def test_where_files_cannot_be_linked_they_are_copied(data, into, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    taken(data, into)
    second = taken(data, into, days=1)

    assert (second / "data/archive/level-3/2026-11-29.frames").read_bytes() == b"one day"


@pytest.mark.root
@pytest.mark.peer("mkfs.exfat", "mount.exfat-fuse", "losetup")
def test_on_a_stick_without_links_or_permissions_each_backup_is_whole_and_old_ones_go(data, tmp_path):
    with stick(tmp_path) as disk:
        folders = [taken(data, disk / "backups", days=day) for day in range(2)]
        assert not list(restoring.damaged(folders[1], snapshot.read(folders[1]), lambda *_: None))

        assert thin_out(disk / "backups", 1, folders[1]) == folders[:1]
        assert (folders[1] / "data/archive/level-3/2026-11-29.frames").read_bytes() == b"one day"
        assert [path for path, _ in snapshot.every(disk / "backups")] == [folders[1]]


def test_a_disk_that_forbids_changing_permissions_takes_backups(data, into, monkeypatch):
    """As the FAT of Linux itself does."""

    def refuse(path, *_, **__):
        raise PermissionError(errno.EPERM, "Operation not permitted", str(path))

    for call in ("chmod", "chown", "fchmod", "fchown", "link"):
        monkeypatch.setattr(os, call, refuse)

    assert rows_of(taken(data, into))["judge"] == 7


def test_a_file_that_is_too_large_for_the_disk_is_said_with_what_to_do(data, into):
    def full(place, _size):
        raise OSError(errno.EFBIG, "File too large", place)

    with pytest.raises(StartError, match="File too large; the earlier ones stay; FAT holds 4 GB in a file"):
        taken(data, into, say=full)


def test_an_archive_on_another_disk_and_the_keys_are_in_it_and_other_links_are_not(data, into, tmp_path):
    elsewhere, signer = tmp_path / "big", tmp_path / "signer"
    (data / "archive").rename(elsewhere)
    (data / "archive").symlink_to(elsewhere)
    (elsewhere / "level-4").symlink_to(tmp_path / "bigger")
    (tmp_path / "bigger").mkdir()
    (tmp_path / "bigger/2026-11-29.frames").write_bytes(b"another day")
    (data / "stray").symlink_to("/etc/passwd")
    (data / "planted").symlink_to(tmp_path / "bigger")
    (signer / "ca").mkdir(parents=True)
    (signer / "ca/root.key").write_text("key")

    found = snapshot.read(taken(data, into, signer=signer))

    assert {piece.path for piece in found.pieces} == {
        "data/archive/level-3/2026-11-29.frames",
        "data/archive/level-4/2026-11-29.frames",
        "data/metrics.token",
        "data/giamsat.db",
        "signer/ca/root.key",
    }
    assert found.has_keys


def test_one_that_is_interrupted_is_none_and_leaves_the_earlier_ones(data, into):
    first = taken(data, into)

    def stop(place, _size):
        raise OSError(errno.EIO, "disk error", place)

    with pytest.raises(StartError, match="the earlier ones stay"):
        taken(data, into, days=1, say=stop)

    assert [path for path, _ in snapshot.every(into)] == [first]
    assert {path.name for path in into.iterdir()} == {first.name, ".lock"}


def test_too_little_room_is_said_before_anything_is_written(data, into, monkeypatch):
    monkeypatch.setattr(taking.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))

    with pytest.raises(StartError, match="MB are needed and 1 MB free"):
        taken(data, into)

    assert list(snapshot.every(into)) == []


def test_two_at_once_a_backup_within_the_data_and_no_data_are_refused(data, into, tmp_path):
    def another(*_):
        with pytest.raises(StartError, match="another backup is being taken"):
            taken(data, into, days=1)

    taken(data, into, say=another)
    with pytest.raises(StartError, match="lies in the data itself"):
        taken(data, data / "backups")
    with pytest.raises(StartError, match="holds no collector's data"):
        taken(tmp_path, into)
    with pytest.raises(StartError, match="in this second"):
        taken(data, into)


def test_only_the_newest_are_kept_and_never_none(data, into):
    folders = [taken(data, into, days=day) for day in range(3)]

    assert thin_out(into, 2, folders[2]) == folders[:1]
    assert thin_out(into, 0, folders[2]) == folders[1:2]
    assert [path for path, _ in snapshot.every(into)] == folders[2:]
    assert (folders[2] / "data/archive/level-3/2026-11-29.frames").read_bytes() == b"one day"


def test_what_was_being_deleted_when_it_was_killed_goes_the_next_time(data, into, monkeypatch):
    folders = [taken(data, into, days=day) for day in range(2)]

    def killed(path, **_):
        if path.exists():
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(taking.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            thin_out(into, 1, folders[1])

    assert thin_out(into, 1, folders[1]) == []
    assert {path.name for path in into.iterdir()} == {folders[1].name, ".lock"}


def test_a_clock_that_once_ran_ahead_does_not_have_the_newest_deleted(data, into):
    ahead = taken(data, into, days=3_650)
    fresh = taken(data, into)

    assert thin_out(into, 1, fresh) == [ahead]
    assert [path for path, _ in snapshot.every(into)] == [fresh]


@pytest.mark.parametrize("name", [".lock", taking.UNFINISHED])
def test_a_link_that_another_user_put_there_is_not_followed(data, into, tmp_path, name):
    into.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (into / name).symlink_to(tmp_path / "elsewhere" if name == taking.UNFINISHED else tmp_path / "elsewhere/made")

    with pytest.raises(StartError, match=name if name == taking.UNFINISHED else "symbolic links"):
        taken(data, into)

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_one_that_was_killed_left_takes_no_room(data, into, monkeypatch):
    (into / taking.UNFINISHED / "data").mkdir(parents=True)

    def usage(_):
        return SimpleNamespace(free=0 if (into / taking.UNFINISHED).exists() else 1 << 40)

    monkeypatch.setattr(taking.shutil, "disk_usage", usage)

    assert taken(data, into).is_dir()


def test_who_may_not_see_the_data_is_told_to_run_as_root(data, into, monkeypatch):
    def refuse(_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(taking.Path, "is_file", refuse)

    with pytest.raises(StartError, match="Permission denied; run as root"):
        taken(data, into)
