# SPDX-License-Identifier: Apache-2.0
"""Every table of the collector in an empty database, from statements that are written out once."""

import contextlib
import functools
import sqlite3

from sqlalchemy import Engine, create_mock_engine
from sqlalchemy.dialects import sqlite

import giamsat_collector.parts  # noqa: F401 - every table is declared once this is loaded
from giamsat_collector.schema import metadata


@functools.cache
def _statements():
    said: list[str] = []
    dialect = sqlite.dialect()
    engine = create_mock_engine("sqlite://", lambda made, *_: said.append(str(made.compile(dialect=dialect))))
    metadata.create_all(engine, checkfirst=False)
    return tuple(said)


@functools.cache
def _made():
    """A database that has them, of which others are copies."""
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.executescript(";".join(_statements()))
    return made


def create_tables(database):
    """Make them in an engine's own empty database, or within the transaction of a connection."""
    if isinstance(database, Engine):
        with contextlib.closing(database.raw_connection()) as connection:
            return _made().backup(connection.driver_connection)
    for statement in _statements():
        database.exec_driver_sql(statement)
    return None
