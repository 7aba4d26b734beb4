# SPDX-License-Identifier: Apache-2.0
"""What a greeting finds missing, written down with the mark that passes it by."""

from sqlalchemy import Connection

from giamsat_collector.ingest import frames
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.session import Resumed
from giamsat_collector.store import Store

NOT_HELD = "not_held_by_agent"


async def settle(store: Store, live: Live, resumed: Resumed, now_ns: int) -> None:
    """Declare what is missing, and open the books at the marks.

    Raises:
        StoreError: nothing was written; the next greeting names it again.
    """
    if resumed.missing:
        # With the mark moved in the same transaction, a restart before the next frame does not declare it again.
        ends = {(gap.lane, gap.epoch, gap.last) for gap in resumed.missing}
        passed = {(live.agent, mark) for mark in resumed.marks if (mark.lane, mark.epoch, mark.seq) in ends}

        def declare(connection: Connection) -> None:
            frames.declare(connection, live.agent, resumed.missing, reason=NOT_HELD, at_ns=now_ns)
            frames.mark(connection, passed)

        await store.write(declare)
        live.session.declared(resumed.missing)
    live.books.opened(resumed.marks)
