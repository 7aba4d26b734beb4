# SPDX-License-Identifier: Apache-2.0
"""What tests of the collector share: a database in memory with every table, as one open transaction."""

import pytest
from sqlalchemy import create_engine, event

from support.tables import create_tables


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()
