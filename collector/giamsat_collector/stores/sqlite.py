# SPDX-License-Identifier: Apache-2.0
"""SQLite: WAL, synchronous=FULL, one writer thread with group commit, readers beside it.

While one commit waits for the disk, the writes that arrive queue up and share the next one, so a slow disk makes
commits larger and not more numerous.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from giamsat_collector.errors import StoreError

Result = TypeVar("Result")

WORKS_PER_COMMIT: Final = 400
READERS: Final = 4


@dataclass(slots=True)
class _Work:
    """One write that waits for its commit."""

    run: Callable[[Connection], Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = field(default=None)


class SqliteStore:
    """A `Store` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = _engine(path, "BEGIN IMMEDIATE", 1)
        self._readers = _engine(path, "BEGIN", READERS)
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._works: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_forever, name="store-write", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in the next group commit and return its result once that commit is on the disk."""
        loop = asyncio.get_running_loop()
        item = _Work(work, loop, loop.create_future())
        self._works.put(item)
        result: Result = await item.done
        return result

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a snapshot of everything committed."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, work)

    async def close(self) -> None:
        """Finish the writes already accepted, then close the file."""
        self._works.put(None)
        await asyncio.to_thread(self._thread.join)
        self._pool.shutdown()
        self._readers.dispose()
        self._writer.dispose()

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        try:
            with self._readers.connect() as connection, connection.begin():
                return work(connection)
        except DBAPIError as error:
            raise _store_error("read", self.path, error) from error

    def _write_forever(self) -> None:
        open_ = True
        while open_:
            works = [self._works.get()]
            while len(works) < WORKS_PER_COMMIT and not self._works.empty():
                works.append(self._works.get())
            accepted = [work for work in works if work is not None]
            open_ = len(accepted) == len(works)
            if accepted:
                self._commit(accepted)
                for work in accepted:
                    _deliver(work)

    def _commit(self, works: list[_Work]) -> None:
        try:
            with self._writer.connect() as connection, connection.begin():
                if len(works) == 1:
                    works[0].result = works[0].run(connection)  # nobody else's changes to keep if it fails
                else:
                    for work in works:
                        _run(work, connection)
        except DBAPIError as error:
            failed = _store_error("write", self.path, error)
            for work in works:
                work.error = failed
        except Exception as error:  # noqa: BLE001 - handed to those who asked: nothing of theirs was committed
            for work in works:
                work.error = work.error or error


def _run(work: _Work, connection: Connection) -> None:
    """One work inside the group's transaction; its failure undoes its own changes only."""
    try:
        with connection.begin_nested():
            work.result = work.run(connection)
    except DBAPIError as error:
        if connection.in_transaction() and not error.connection_invalidated and _still_open(connection):
            work.error = _store_error("write", Path(str(connection.engine.url.database)), error)
            return
        raise
    except Exception as error:  # noqa: BLE001 - handed to the one who asked
        work.error = error


def _still_open(connection: Connection) -> bool:
    """Whether SQLite kept the transaction: a full disk or an I/O error rolls it back as a whole."""
    return bool(getattr(connection.connection.dbapi_connection, "in_transaction", False))


def _deliver(work: _Work) -> None:
    def settle() -> None:
        if work.done.cancelled():
            return
        if work.error is not None:
            work.done.set_exception(work.error)
        else:
            work.done.set_result(work.result)

    work.loop.call_soon_threadsafe(settle)


def _store_error(verb: str, path: Path, error: DBAPIError) -> StoreError:
    return StoreError(f"cannot {verb} {path}: {error.orig}; check free space and the disk, then it goes on by itself")


def _engine(path: Path, begin: str, connections: int) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=QueuePool, pool_size=connections, max_overflow=0)

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own types
        dbapi.isolation_level = None  # transactions are begun by the listener below, so that savepoints work
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
