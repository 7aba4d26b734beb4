# SPDX-License-Identifier: Apache-2.0
"""The database brought to the shape this version needs, before anything else touches it."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError

from giamsat_collector.errors import StartError

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def bring_up_to_date(database: Path) -> None:
    """Apply the migrations a SQLite file lacks; a new file gets all of them.

    Raises:
        StartError: the file cannot be opened, or was written by a newer version.
    """
    engine = _engine(database)
    try:
        with engine.begin() as connection:
            if not _is_up_to_date(connection):
                _migrate(connection, database)
    except DBAPIError as error:
        raise StartError(
            f"{database}: the database cannot be opened: {error.orig}; check the disk or the backup"
        ) from error
    finally:
        engine.dispose()


def _is_up_to_date(connection: Connection) -> bool:
    """Whether the last migration there is was the last that was applied."""
    newest = max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]
    known = inspect(connection).has_table("alembic_version")
    return known and connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [newest]


def _migrate(connection: Connection, database: Path) -> None:
    # A tenth of a second and 10 MB, which a start that changes nothing does without.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, "head")
    except CommandError as error:
        raise StartError(f"{database}: {error}; it was written by a newer giamsat: install that version") from error


def _engine(database: Path) -> Engine:
    """An engine whose transactions hold the changes of tables too: left alone, the driver commits before each."""
    engine = create_engine(f"sqlite:///{database}")

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own types
        dbapi.isolation_level = None

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
