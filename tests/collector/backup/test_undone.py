# SPDX-License-Identifier: Apache-2.0
import sqlite3
from contextlib import closing

import pytest

from giamsat_collector.backup.undone import let_in_again


@pytest.fixture
def folder(tmp_path):
    def made(name, agents):
        (tmp_path / name).mkdir()
        with closing(sqlite3.connect(tmp_path / name / "giamsat.db")) as rows:
            rows.execute("PRAGMA journal_mode = WAL")
            rows.execute("CREATE TABLE agents (id TEXT, revoked_ns INTEGER, locked_ns INTEGER)")
            rows.executemany("INSERT INTO agents VALUES (?, ?, ?)", agents)
            rows.commit()
        return tmp_path / name

    return made


def test_who_was_refused_after_the_backup_is_named_and_nobody_else(folder):
    backup = folder("now", [("good", None, None), ("thief", None, None), ("odd", None, None), ("old", 1, None)])
    since = [("good", None, None), ("thief", 5, None), ("odd", None, 5), ("old", 1, None), ("enrolled later", 5, None)]

    assert let_in_again(folder("before", since), backup) == ["odd", "thief"]


def test_a_database_that_is_lost_says_nothing(folder, tmp_path):
    (tmp_path / "before").mkdir()
    (tmp_path / "before/giamsat.db").write_bytes(b"\0" * 8_192)
    backup = folder("now", [("good", None, None)])

    assert let_in_again(tmp_path / "before", backup) == []
    assert let_in_again(tmp_path / "nowhere", backup) == []
    assert not (tmp_path / "nowhere").exists()
