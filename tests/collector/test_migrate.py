# SPDX-License-Identifier: Apache-2.0
import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

import giamsat_collector.app  # noqa: F401 - every table is declared once this is loaded
from giamsat_collector import migrations
from giamsat_collector.alerts.alert import GroupCount
from giamsat_collector.alerts.offenders import marks
from giamsat_collector.errors import StartError
from giamsat_collector.migrate import bring_up_to_date
from giamsat_collector.schema import metadata


@pytest.fixture
def database(tmp_path):
    return tmp_path / "giamsat.db"


def run(database, statement):
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute(statement).fetchall()


def tables(database):
    return {name for (name,) in run(database, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def shape(database):
    """Every table as the database itself describes it."""
    engine = create_engine(f"sqlite:///{database}")
    seen = inspect(engine)
    found = {
        name: (
            [{**column, "type": str(column["type"])} for column in seen.get_columns(name)],
            seen.get_pk_constraint(name),
            by_name(seen.get_foreign_keys(name)),
            by_name(seen.get_unique_constraints(name)),
            by_name(seen.get_indexes(name)),
        )
        for name in metadata.tables
    }
    engine.dispose()
    return found


GROUPS = """[{"group": {"source.ip": "192.0.2.7"}, "count": 1, "first_ns": 0, "last_ns": 0, "over": false, "told": {}},
{"group": {"source.ip": "192.0.2.8"}, "count": 1, "first_ns": 0, "last_ns": 0, "over": true, "told": {}}]"""


def put(database, table, values):
    """A row of which only some columns matter."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        names = [(row[1], row[3]) for row in connection.execute(f"PRAGMA table_info({table})")]
        row = {name: values.get(name, 0 if needed else None) for name, needed in names}
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))


def bring_up_to(database, revision):
    """The shape of an earlier version."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        settings = Config()
        settings.set_main_option("script_location", str(Path(migrations.__file__).parent))
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
    engine.dispose()


def by_name(parts):
    return sorted(parts, key=lambda part: part["name"])


def test_the_migrations_make_exactly_the_tables_the_code_declares(database, tmp_path):
    bring_up_to_date(database)
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    metadata.create_all(declared)
    declared.dispose()

    migrated = create_engine(f"sqlite:///{database}")
    with migrated.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    migrated.dispose()

    assert differences == []
    assert shape(database) == shape(tmp_path / "declared.db")


def test_a_second_start_changes_nothing(database):
    bring_up_to_date(database)
    before = run(database, "SELECT sql FROM sqlite_master"), run(database, "SELECT * FROM alembic_version")
    run(database, "INSERT INTO units (id, name, kind) VALUES ('40.412', 'Vinh', 'district')")

    bring_up_to_date(database)

    after = run(database, "SELECT sql FROM sqlite_master"), run(database, "SELECT * FROM alembic_version")
    assert after == before
    assert run(database, "SELECT id FROM units") == [("40.412",)]


def test_a_start_that_has_nothing_to_change_does_without_what_changes_databases(database):
    words = "import sys; from pathlib import Path; from giamsat_collector.migrate import bring_up_to_date\n"
    words += f"bring_up_to_date(Path({str(database)!r})); print('alembic' in sys.modules)"

    said = [subprocess.run([sys.executable, "-c", words], capture_output=True, check=True).stdout for _ in range(2)]

    assert said == [b"True\n", b"False\n"]


def test_an_account_of_before_there_were_roles_is_an_administrators(database):
    bring_up_to_date(database)
    before = "name, password, must_choose, disabled, created_ns, changed_ns"
    run(database, f"INSERT INTO users ({before}) VALUES ('admin', 'x', 0, 0, 1, 1)")

    assert run(database, "SELECT role FROM users") == [("administrator",)]


def test_whom_alerts_told_of_before_is_found_after(database):
    bring_up_to(database, "0027")
    given = {"unit": "u", "closed": 0, "cause": None}
    for number, change in enumerate([{}, {"closed": 1}, {"cause": "x"}, {"unit": ""}]):
        put(database, "alerts", {**given, **change, "id": str(number), "rule": "r", "groups": GROUPS})

    bring_up_to_date(database)

    with contextlib.closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT unit, rule, mark, alert FROM offenders").fetchall()
    one = GroupCount({"source.ip": "192.0.2.7"}, 1, 0, 0)
    assert found == [("u", "r", mark, "0") for mark in marks([one])]


def test_a_migration_that_fails_halfway_leaves_the_database_as_it_was(database):
    run(database, "CREATE TABLE units (mine TEXT)")

    with pytest.raises(StartError, match=f"{database}.*backup"):
        bring_up_to_date(database)

    assert tables(database) == {"units"}
    run(database, "DROP TABLE units")
    bring_up_to_date(database)
    assert metadata.tables.keys() <= tables(database)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database):
    bring_up_to_date(database)
    run(database, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StartError, match="newer giamsat"):
        bring_up_to_date(database)

    assert run(database, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_file_that_is_no_database_is_named_and_left_alone(database):
    database.write_bytes(b"these are the notes of somebody" * 99)

    with pytest.raises(StartError, match=str(database)):
        bring_up_to_date(database)

    assert database.read_bytes().startswith(b"these are the notes")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StartError, match="nowhere"):
        bring_up_to_date(tmp_path / "nowhere" / "giamsat.db")
