# SPDX-License-Identifier: Apache-2.0
"""The database brought to the shape this version needs, before anything else touches it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from giamsat_collector.errors import StartError


def bring_up_to_date(database: Path) -> None:
    """Apply the migrations a SQLite file lacks; a new file gets all of them.

    Raises:
        StartError: the file cannot be opened, or was written by a newer version.
    """
    engine = create_engine(f"sqlite:///{database}")
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
