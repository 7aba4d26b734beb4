# SPDX-License-Identifier: Apache-2.0
"""What a simulated collector stands on: rows in memory, streams that are queues, coroutines that wait for nothing."""

from collections import deque
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlalchemy import Engine, StaticPool, create_engine, delete, insert, select

from giamsat_agent.uplink.conversation import Conversation
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest.tables import frames, high_water, losses, quarantine

TABLES: Final = (frames, high_water, losses, quarantine)


@cache
def _engine() -> Engine:
    """One database in memory for all lives of a process; each begins with empty tables."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    for table in TABLES:
        table.create(engine)
    return engine


def at_once(work: Any) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something that the simulation does not have")


class Database:
    """Implements Store, at once; it may refuse the next write."""

    def __init__(self) -> None:
        self.refuses = False
        with _engine().begin() as connection:
            for table in TABLES:
                connection.execute(delete(table))

    async def write(self, work: Any) -> Any:
        if self.refuses:
            raise StoreError("the disk is full")
        with _engine().begin() as connection:
            return work(connection)

    async def read(self, work: Any) -> Any:
        with _engine().connect() as connection:
            return work(connection)

    def rows(self, table: Any) -> list[Any]:
        with _engine().connect() as connection:
            return [row._asdict() for row in connection.execute(select(table))]

    def copy(self) -> list[tuple[Any, list[Any]]]:
        return [(table, self.rows(table)) for table in TABLES]

    def set_back(self, copy: list[tuple[Any, list[Any]]]) -> None:
        with _engine().begin() as connection:
            for table, rows in copy:
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), rows)


class Nobody:
    """Implements Presence: hears and forgets."""

    def greeted(self, greeting: Any) -> None: ...

    def heard(self, agent: str, at_ns: int) -> None: ...
    def clocked(self, agent: str, offset_ns: int) -> None: ...

    def left(self, agent: str, reason: str) -> None: ...


class Aborted(Exception):  # noqa: N818 - as gRPC calls it
    """The collector ended a stream."""


@dataclass(eq=False)
class Wire:
    """One stream: what is under way in each direction, and what either end still has of it."""

    talk: Conversation
    nonce: int
    up: deque[Any] = field(default_factory=deque)
    down: deque[Any] = field(default_factory=deque)
    served: Any = None
    greeted: bool = False

    async def write(self, message: Any) -> None:
        """What the collector's gRPC context does; an older collector greets every second instance of the agent."""
        if message.HasField("hello_ack") and self.nonce % 2:
            message.hello_ack.ClearField("frames_at_once")
        self.down.append(message)

    async def abort(self, code: Any, words: str) -> None:
        """So does this."""
        raise Aborted
