# SPDX-License-Identifier: Apache-2.0
"""A database of the collector in memory, with every table."""

import threading
import weakref

from sqlalchemy import StaticPool, create_engine

from support.tables import create_tables


class MemoryStore:
    """Implements giamsat_collector.store.Store in memory."""

    def __init__(self):
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        weakref.finalize(self, self.engine.dispose)
        create_tables(self.engine)
        self._one_at_a_time = threading.Lock()

    def now(self, work):
        with self._one_at_a_time, self.engine.begin() as connection:
            return work(connection)

    async def write(self, work):
        return self.now(work)

    async def read(self, work):
        return self.now(work)

    async def close(self):
        self.engine.dispose()
