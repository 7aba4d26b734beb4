# SPDX-License-Identifier: Apache-2.0
import json
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from giamsat_collector import durable
from giamsat_collector.archive.keeping import READER
from giamsat_collector.backup.standing import Standing
from giamsat_collector.cli import app
from giamsat_collector.errors import CollectorError


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

    def called(command, *words, configured=True):
        given = ["--config", str(config)] if configured else []
        return CliRunner().invoke(app, ["backup", command, str(tmp_path / "backups"), *words, *given])

    return called


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
    assert [path.name for path in data.iterdir()] == ["giamsat.db"]


def test_a_person_is_told_that_the_keys_are_not_in_it(run, data):
    made = run("make")

    assert "NOT in it" in made.stderr
    assert Standing(data, 0).last_ns  # whoever starts next knows of it
    assert "20" in made.stdout
    assert "không / no" in run("list", configured=False).stdout


def test_nothing_damaged_is_put_back_and_nothing_under_a_collector_that_runs(run, data, tmp_path):
    run("make")
    with durable.alone(data):
        assert isinstance(run("restore").exception, CollectorError)
    (backup,) = (tmp_path / "backups").glob("2*")
    (backup / "data/giamsat.db").write_bytes(b"")

    refused = run("restore")

    assert run("verify", configured=False).exit_code == 2
    assert "nothing was touched" in str(refused.exception)
    assert (data / "giamsat.db").stat().st_size
