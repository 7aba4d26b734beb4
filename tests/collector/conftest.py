# SPDX-License-Identifier: Apache-2.0
"""What tests of the collector share."""

import pytest
from sqlalchemy import create_engine, event

from giamsat_collector.config import Config
from giamsat_collector.parts import Parts
from support.clock import ManualClock
from support.tables import create_tables


@pytest.fixture
def connection():
    """A database in memory with every table, as one open transaction."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda dbapi, _: dbapi.execute("PRAGMA foreign_keys=ON"))
    create_tables(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
async def parts(tmp_path):
    """A whole collector that does not run."""
    async with Parts.opened(Config(data=str(tmp_path)), ManualClock()) as parts:
        yield parts
