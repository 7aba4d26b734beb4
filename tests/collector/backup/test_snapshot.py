# SPDX-License-Identifier: Apache-2.0
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from giamsat_collector.backup import snapshot
from giamsat_collector.backup.snapshot import MANIFEST, Piece, Snapshot
from giamsat_collector.errors import RefusedError

AT = datetime(2026, 11, 30, 1, 30, tzinfo=UTC)
SUM = "0" * 64


def piece(path):
    return Piece(path=path, size=1, mtime_ns=2, sha256=SUM)


def made(folder, at=AT, pieces=("data/giamsat.db",)):
    taken = Snapshot(version="1.0", taken=at, pieces=tuple(map(piece, pieces)))
    (folder / taken.name).mkdir(parents=True)
    snapshot.write(folder / taken.name, taken)
    return folder / taken.name, taken


def test_what_is_written_is_read_again(tmp_path):
    path, taken = made(tmp_path)

    assert snapshot.read(path) == taken
    assert (taken.size, taken.has_keys) == (1, False)


def test_it_is_named_after_the_time_in_utc(tmp_path):
    at = AT.astimezone(timezone(timedelta(hours=7)))

    assert made(tmp_path, at)[0].name == "20261130T013000Z"


def test_the_newest_is_meant_where_a_folder_of_them_is_named(tmp_path):
    older, _ = made(tmp_path)
    newer, _ = made(tmp_path, AT + timedelta(days=1))
    (tmp_path / "20261205T000000Z").mkdir()  # it was not finished

    assert snapshot.chosen(tmp_path)[0] == newer
    assert snapshot.chosen(older)[0] == older
    assert [path for path, _ in snapshot.every(tmp_path)] == [older, newer]


@pytest.mark.parametrize("name", ["not-there", "file"])
def test_a_folder_that_is_not_there_is_not_one_without_backups(tmp_path, name):
    (tmp_path / "file").touch()

    with pytest.raises(RefusedError, match=r"no such folder.*see that its disk is there"):
        snapshot.chosen(tmp_path / name)


@pytest.mark.parametrize(
    "path",
    ["../etc/passwd", "/etc/passwd", "data/../../x", "elsewhere/x", "", "data/\0", "data//etc/cron.d/x", "data/./x"],
)
def test_a_manifest_cannot_lead_out_of_its_backup(tmp_path, path):
    folder, _ = made(tmp_path)
    said = json.loads((folder / MANIFEST).read_text())
    said["pieces"][0]["path"] = path
    (folder / MANIFEST).write_text(json.dumps(said))

    with pytest.raises(RefusedError, match="not the manifest of a backup"):
        snapshot.read(folder)
    assert list(snapshot.every(tmp_path)) == []


def test_a_link_to_a_backup_elsewhere_is_none_of_this_folder(tmp_path):
    elsewhere, _ = made(tmp_path / "elsewhere")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / elsewhere.name).symlink_to(elsewhere)

    assert list(snapshot.every(tmp_path / "here")) == []


@pytest.mark.parametrize("said", [b"", b"[]", b"{", b"\xff\xfe", b'{"version": 1}'])
def test_what_is_no_manifest_is_refused(tmp_path, said):
    folder, _ = made(tmp_path)
    (folder / MANIFEST).write_bytes(said)

    with pytest.raises(RefusedError, match="take an older one"):
        snapshot.read(folder)


def test_where_there_is_none_it_says_how_to_take_one(tmp_path):
    with pytest.raises(RefusedError, match="backup make"):
        snapshot.chosen(tmp_path)
    with pytest.raises(RefusedError, match="backup list"):
        snapshot.read(tmp_path)
