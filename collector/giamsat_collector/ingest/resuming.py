# SPDX-License-Identifier: Apache-2.0
"""How an agent's lanes are resumed: what its greeting shows to be missing is written down before it is passed by."""

from collections.abc import Iterable

from sqlalchemy import Connection

from giamsat_collector.ingest import frames
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.session import Mark, Resumed, Session
from giamsat_collector.store import Store
from giamsat_wire.lane import Lane

NOT_HELD = "not_held_by_agent"


def restored(connection: Connection, agent: str) -> Session:
    """An agent's session as the rows leave it: its marks, and what is declared lost ahead of them."""
    marks = frames.marks_of(connection, agent)
    gaps = [gap for mark in marks for gap in frames.gaps_ahead(connection, agent, mark, reason=NOT_HELD)]
    return Session.restored(marks, gaps)


async def settle(store: Store, live: Live, resumed: Resumed, lanes: Iterable[Lane], now_ns: int) -> tuple[Mark, ...]:
    """Declare what is missing, and open the books of these lanes at the marks from which they go on.

    Raises:
        StoreError: nothing was written; the next greeting finds it missing again.
    """
    if resumed.missing:
        # With the mark moved in the same transaction, a restart before the next frame does not declare it again.
        passed = [(live.agent, mark) for mark in live.session.marks_with(resumed.missing)]

        def declare(connection: Connection) -> None:
            frames.declare(connection, live.agent, resumed.missing, reason=NOT_HELD, at_ns=now_ns)
            frames.mark(connection, passed)

        await store.write(declare)
        live.session.declared(resumed.missing)
    marks = tuple(mark for lane in lanes if (mark := live.session.stands(lane)) is not None)
    live.books.opened(marks)
    live.books.declared(resumed.missing)
    return marks
