# SPDX-License-Identifier: Apache-2.0
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from giamsat_collector import data_folder
from giamsat_collector.archive.keeping import READER
from giamsat_collector.backup import swapping
from giamsat_collector.backup.standing import Standing
from giamsat_collector.cli import app
from giamsat_collector.errors import CollectorError
from support.stick import stick


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "giamsat.db")) as rows:
        rows.execute("CREATE TABLE progress (reader TEXT, frame_id INTEGER)")
        rows.execute("INSERT INTO progress VALUES (?, 5)", (READER,))
        rows.commit()
    return folder


@pytest.fixture
def run(data, tmp_path):
    config = tmp_path / "collector.toml"
    config.write_text(f'data = "{data}"\n')

    def called(command, *words, configured=True, folder=True):
        given = ["--config", str(config)] if configured else []
        where = [str(tmp_path / "backups")] if folder else []
        return CliRunner().invoke(app, ["backup", command, *where, *words, *given])

    return called


@pytest.mark.root
@pytest.mark.namespaces
def test_a_backup_on_the_disk_of_the_data_says_so_and_one_on_another_does_not(run, tmp_path):
    assert "lies on the disk of the data" in run("make").stderr
    shutil.rmtree(tmp_path / "backups")
    (tmp_path / "backups").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "none", tmp_path / "backups"], check=True)
    try:
        assert "lies on the disk of the data" not in run("make").stderr
    finally:
        subprocess.run(["umount", "--lazy", tmp_path / "backups"], check=True)


@pytest.mark.root
def test_who_may_not_look_into_a_backup_is_not_told_that_there_is_none(run, tmp_path):
    made = run("make").stdout.split(":")[0]
    look = (
        "import os, sys; from pathlib import Path; from giamsat_collector import errors\n"
        "from giamsat_collector.backup import snapshot\nos.chdir(sys.argv[1])\nos.setuid(65_534)\n"
        "try: print(list(snapshot.every(Path())))\nexcept errors.RefusedError as error: print(error)"
    )
    (tmp_path / "backups").chmod(0o755)

    words = [sys.executable, "-c", look, tmp_path / "backups"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert said == f"{Path(made).name}: Permission denied; run as whose backups these are, or as root\n"


def test_a_backup_is_taken_listed_looked_through_and_put_back(run, data):
    made = run("make", "--json")
    (data / "giamsat.db").unlink()
    (data / "left").write_text("over")

    assert json.loads(made.stdout)["files"] == 1
    assert [json.loads(line)["name"] for line in run("list", "--json", configured=False).stdout.splitlines()] == [
        json.loads(made.stdout)["name"]
    ]
    assert json.loads(run("verify", "--json", configured=False).stdout)["damaged"] == []
    assert run("restore", "--dry-run").exit_code == 0
    assert (data / "left").exists()
    said = run("restore").stderr
    assert "data.before-" in said
    assert "may connect again" in said
    assert "the authority's keys are not put back; không có trong bản này / are not in this one" in said
    assert [path.name for path in data.iterdir()] == ["giamsat.db"]


def test_what_the_power_interrupted_is_finished_by_a_command_and_by_restoring_the_same_again(run, data, monkeypatch):
    run("make")
    assert "Nothing is unfinished" in run("finish", folder=False).stderr

    def refuse(_):
        raise OSError(5, "Input/output error", "data")

    for command in ("finish", "restore"):
        (data / "left").write_text("over")
        with monkeypatch.context() as patched:
            patched.setattr(swapping, "finish", refuse)
            assert "nothing is lost" in str(run("restore").exception)
            assert "backup finish" in str(run("make").exception)

        said = run(command, folder=command == "restore").stderr

        assert "làm nốt" in said
        assert "data.before-" in said
        assert "systemctl restart" in said
        assert [path.name for path in data.iterdir()] == ["giamsat.db"]
        for aside in data.parent.glob("data.before-*"):
            shutil.rmtree(aside)


@pytest.mark.root
@pytest.mark.peer("mkfs.exfat", "mount.exfat-fuse", "losetup")
def test_on_a_stick_that_keeps_no_permissions_a_person_is_told_to_lock_it_away(run, tmp_path):
    assert "keeps no permissions" not in run("make").stderr
    shutil.rmtree(tmp_path / "backups")
    with stick(tmp_path) as disk:
        (tmp_path / "backups").symlink_to(disk)

        assert "keeps no permissions" in run("make").stderr
        assert run("verify", configured=False).exit_code == 0


def test_a_person_is_told_that_the_keys_are_not_in_it(run, data):
    made = run("make")

    assert "NOT in it" in made.stderr
    assert Standing(data, 0).last_ns  # whoever starts next knows of it
    assert "20" in made.stdout
    assert "không / no" in run("list", configured=False).stdout


def test_when_one_was_taken_is_said_in_the_zone_of_the_console_whatever_the_machines_is(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        run("make")
        said = run("list").stdout
    finally:
        monkeypatch.undo()
        time.tzset()

    taken = datetime.strptime(next((tmp_path / "backups").glob("2*")).name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    assert f"{taken.astimezone(ZoneInfo('Asia/Ho_Chi_Minh')):%H:%M} ({taken:%H:%M} UTC)" in said


def test_nothing_damaged_is_put_back_and_nothing_under_a_collector_that_runs(run, data, tmp_path):
    run("make")
    with data_folder.alone(data):
        assert isinstance(run("restore").exception, CollectorError)
    (backup,) = (tmp_path / "backups").glob("2*")
    (backup / "data/giamsat.db").write_bytes(b"")

    refused = run("restore")

    assert run("verify", configured=False).exit_code == 2
    assert "nothing was touched" in str(refused.exception)
    assert (data / "giamsat.db").stat().st_size
