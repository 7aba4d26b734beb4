# SPDX-License-Identifier: Apache-2.0
"""The database brought to the shape this version needs, before anything else touches it."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from giamsat_collector.errors import StartError


def bring_up_to_date(database: Path) -> None:
    """Apply the migrations a SQLite file lacks; a new file gets all of them.

    Raises:
        StartError: the file cannot be opened, or was written by a newer version.
    """
    engine = _engine(database)
    try:
        with engine.begin() as connection:
            settings = Config()
            settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    except DBAPIError as error:
        raise StartError(
            f"{database}: the database cannot be opened: {error.orig}; check the disk or the backup"
        ) from error
    except CommandError as error:
        raise StartError(f"{database}: {error}; it was written by a newer giamsat: install that version") from error
    finally:
        engine.dispose()


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
