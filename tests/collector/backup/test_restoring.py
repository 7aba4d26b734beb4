# SPDX-License-Identifier: Apache-2.0
import contextlib
import errno
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from giamsat_collector.archive.keeping import READER
from giamsat_collector.backup import restoring
from giamsat_collector.backup.restoring import parts, put_back
from giamsat_collector.backup.swapping import must_be_whole
from giamsat_collector.backup.taking import Wanted, take
from giamsat_collector.errors import RefusedError, StartError
from support.stick import stick

AT = datetime(2026, 11, 30, 1, 30, tzinfo=UTC)


class PowerCutError(BaseException):
    """The end of a process in the middle of its work."""


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules/current").write_text("1")
    with closing(sqlite3.connect(folder / "giamsat.db")) as rows:
        rows.execute("CREATE TABLE progress (reader TEXT, frame_id INTEGER)")
        rows.execute("INSERT INTO progress VALUES (?, 5)", (READER,))
        rows.commit()
    return folder


@pytest.fixture
def backup(data, tmp_path):
    """A backup: its folder and what it is."""
    signer = tmp_path / "signer"
    (signer / "ca").mkdir(parents=True)
    (signer / "ca/root.key").write_text("key")
    taken = take(Wanted(data, signer), tmp_path / "backups", at=AT, version="1.0", say=lambda *_: None)
    return tmp_path / "backups" / taken.name, taken


def problems(folder, taken):
    return list(restoring.damaged(folder, taken, lambda *_: None))


def left_over(tmp_path):
    return [path.name for path in tmp_path.iterdir() if "restoring" in path.name or "before" in path.name]


def restored(folder, taken, data, signer=None):
    return put_back(folder, taken, parts(taken, data, signer), at=AT, say=lambda *_: None)


def test_what_was_put_back_is_what_was_there_and_what_is_there_is_moved_aside(backup, data, tmp_path):
    folder, taken = backup
    (data / "rules/current").write_text("2")
    (data / "newer").write_text("came after it")

    aside = restored(folder, taken, data)

    assert aside == [tmp_path / "data.before-20261130T013000Z"]
    assert (aside[0] / "newer").read_text() == "came after it"
    assert {str(path.relative_to(data)) for path in data.rglob("*")} == {"giamsat.db", "rules", "rules/current"}
    assert (data / "rules/current").read_text() == "1"
    assert {path.stat().st_mode & 0o777 for path in (data, data / "rules")} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in (data / "giamsat.db", data / "rules/current")} == {0o600}


def test_onto_an_empty_disk_nothing_is_moved_aside_and_the_keys_come_back_where_they_are_asked_for(backup, tmp_path):
    folder, taken = backup
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "lock").touch()

    assert restored(folder, taken, fresh, tmp_path / "keys") == []
    assert (fresh / "giamsat.db").exists()
    assert (tmp_path / "keys/ca/root.key").read_text() == "key"


@pytest.mark.root
def test_what_was_put_back_belongs_to_whom_the_folder_belonged(backup, data):
    folder, taken = backup
    os.chown(data, 12_345, 23_456)

    restored(folder, taken, data)

    assert {(path.stat().st_uid, path.stat().st_gid) for path in (data, *data.rglob("*"))} == {(12_345, 23_456)}


@pytest.mark.root
def test_nobody_gets_at_what_is_put_back_before_root_has_let_go_of_all_of_it(backup, data, monkeypatch):
    """Or a link put there in its place would have root give away a file of the system."""
    folder, taken = backup
    os.chown(data, 12_345, 23_456)
    given, really = [], os.chown
    monkeypatch.setattr(os, "chown", lambda path, *owner: (given.append(path), really(path, *owner)))

    restored(folder, taken, data)

    assert all(path.parent not in given[:at] for at, path in enumerate(given))


def test_a_backup_is_whole_until_a_byte_of_it_changes(backup):
    folder, taken = backup
    assert problems(folder, taken) == []

    (folder / "data/rules/current").write_text("7")
    (folder / "signer/ca/root.key").unlink()

    found = problems(folder, taken)
    assert [sentence.split(": ")[1] for sentence in found] == ["is not what was written", "No such file or directory"]


def test_a_database_that_is_none_is_found_out(backup):
    folder, taken = backup
    (folder / "data/giamsat.db").write_bytes(b"\0" * 8_192)

    assert len(problems(folder, taken)) == 2


def test_where_nothing_can_be_written_everything_is_as_it_was(backup, data, tmp_path):
    folder, taken = backup
    (folder / "data/rules/current").unlink()

    with pytest.raises(StartError, match="was not put back"):
        restored(folder, taken, data)

    assert (data / "rules/current").read_text() == "1"
    assert left_over(tmp_path) == []


def test_too_little_room_is_said_before_anything_is_copied(backup, data, tmp_path, monkeypatch):
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))

    with pytest.raises(StartError, match="MB are needed beside what is there"):
        restored(*backup, data)

    assert left_over(tmp_path) == []


def test_a_disk_of_its_own_is_not_moved_aside_and_a_folder_on_it_is_named(backup, data, tmp_path, monkeypatch):
    monkeypatch.setattr(restoring.Path, "is_mount", lambda path: path == data)

    with pytest.raises(StartError, match=r"such as .*/data/restored"):
        restored(*backup, data)

    assert (left_over(tmp_path), restored(*backup, data / "restored")) == ([], [])


def test_a_link_that_another_user_put_there_is_not_followed(backup, data, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data.restoring").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StartError, match=r"data\.restoring: File exists"):
        restored(*backup, data)

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_database_is_looked_through_whatever_its_folder_is_called(backup, tmp_path):
    folder, taken = backup
    moved = folder.rename(tmp_path / "sao lưu #1?")
    (moved / "data/giamsat.db").write_bytes(b"\0" * 8_192)

    assert len(problems(moved, taken)) == 2


@pytest.mark.parametrize("steps", range(8))
def test_wherever_the_power_goes_what_was_there_stands_or_all_of_the_backup_does(
    backup, data, tmp_path, monkeypatch, steps
):
    """Counted are the steps that change which folder has which name, from the first copy on."""
    folder, taken = backup
    (data / "rules/current").write_text("2")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/root.key").write_text("newer")
    left = iter(range(steps))

    def failing(real):
        def step(*words, **named):
            if next(left, None) is None:
                raise PowerCutError
            return real(*words, **named)

        return step

    with monkeypatch.context() as patched, contextlib.suppress(PowerCutError):
        patched.setattr(restoring.shutil, "rmtree", lambda *_, **__: None)  # a machine that is off tidies nothing up
        for name in ("rename", "unlink", "replace"):
            patched.setattr(os, name, failing(getattr(os, name)))
        restored(folder, taken, data, tmp_path / "keys")
    must_be_whole(data)

    found = (data / "rules/current").read_text(), [path.name for path in (tmp_path / "keys").iterdir()]
    assert found in [("2", ["root.key"]), ("1", ["ca"])]
    restored(folder, taken, data)
    assert (data / "rules/current").read_text() == "1"


@pytest.mark.root
@pytest.mark.peer("mkfs.exfat", "mount.exfat-fuse", "losetup")
def test_a_backup_on_a_stick_is_put_back_and_a_stick_is_no_place_for_data(data, tmp_path):
    with stick(tmp_path) as disk:
        taken = take(Wanted(data), disk / "backups", at=AT, version="1.0", say=lambda *_: None)
        (data / "rules/current").write_text("2")

        restored(disk / "backups" / taken.name, taken, data)
        assert (data / "rules/current").read_text() == "1"
        with pytest.raises(StartError, match=r"open to everybody, .* keeps no owners or permissions"):
            restored(disk / "backups" / taken.name, taken, disk / "data")
        assert [path.name for path in disk.iterdir()] == ["backups"]


@pytest.mark.root
def test_where_root_may_give_nothing_away_that_is_said_and_nothing_is_touched(backup, data, tmp_path, monkeypatch):
    """As on NFS that takes root for nobody."""

    def refuse(path, *_):
        raise PermissionError(errno.EPERM, "Operation not permitted", str(path))

    monkeypatch.setattr(os, "chown", refuse)
    (data / "rules/current").write_text("2")

    with pytest.raises(StartError, match=r"keeps no owners or permissions .* put 'data' on a disk of this host"):
        restored(*backup, data)

    assert ((data / "rules/current").read_text(), left_over(tmp_path)) == ("2", [])


def test_keys_that_are_not_in_it_are_not_put_back(data, tmp_path):
    taken = take(Wanted(data), tmp_path / "backups", at=AT, version="1.0", say=lambda *_: None)

    with pytest.raises(RefusedError, match="not in this backup"):
        parts(taken, data, tmp_path / "signer")
