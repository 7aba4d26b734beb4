# SPDX-License-Identifier: Apache-2.0
"""After a start: the windows of rules, and the chains of readings, as they were, by judging again what they still hold.

Of readings less is needed than of events, and there are many more: they are read from where they matter.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection

from giamsat_collector import first_seen
from giamsat_collector.alerts import search
from giamsat_collector.availability import keeping
from giamsat_collector.coverage import minute_rows
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames, progress
from giamsat_collector.judge import Judge
from giamsat_collector.judged_batch import judge_all
from giamsat_collector.sightings import keeping as sightings
from giamsat_collector.store import Store
from giamsat_collector.traffic import keeping as traffic
from giamsat_wire.clock import Clock

log = structlog.get_logger()
T = TypeVar("T")

FRAMES_AT_ONCE: Final = 200
ALERTS_AT_ONCE: Final = 1_000
"""Open alerts that are taken over before others may do their work: some 10 ms."""
CHAIN_NS: Final = 20 * 60 * 1_000_000_000
"""Longer than a metric chain at the usual period: what a decoder needs to go on."""
RETRY_S: Final = 1.0


class Rebuilding:
    """Judges again, without recording, what is still of weight.

    `share` is how much of it is done. `waited_ns` is how long frames have waited for it, none once it is over.
    """

    def __init__(self, store: Store, judge: Judge, books: Books, clock: Clock, alive: Callable[[], None]) -> None:
        self.share = 0.0
        self.waited_ns = 0
        self._store = store
        self._judge = judge
        self._books = books
        self._clock = clock
        self._alive = alive

    async def run(self, reader: str) -> int:
        """Do so up to the frame that this reader judged last, and return its number.

        Then take over the alerts that are open, so that nothing that goes on is raised a second time.
        """
        began_ns, engine, read = self._clock.mono_ns(), self._judge.engine, self._read
        first_seen_memory = self._judge.first_seen_memory
        cursor = await read(lambda connection: progress.reached(connection, reader))
        counted = await read(lambda connection: progress.reached(connection, minute_rows.READER))
        minutes = await read(lambda connection: minute_rows.recent(connection, minute_rows.newest(connection)))
        self._books.begin(counted, minutes)
        now = self._clock.wall_ns()
        readings = await read(lambda c: frames.first_since(c, now - engine.readings_reach_ns - CHAIN_NS))
        first = at = min(readings, await read(lambda c: frames.first_since(c, now - engine.reach_ns)))
        await self._count(counted, min(first, cursor))
        # What was new since is new to those that judge it anew.
        first_seen_memory.give(await read(lambda c: first_seen.every(c, now - engine.reach_ns)))
        while at < cursor:
            batch = await read(lambda c, at=at: frames.between(c, at, cursor, FRAMES_AT_ONCE, readings_after=readings))  # type: ignore[misc]
            if not batch:
                break
            await judge_all(self._judge, self._books, batch)
            self._alive()
            at = batch[-1].id
            self.share, self.waited_ns = (at - first) / (cursor - first), self._clock.mono_ns() - began_ns
        first_seen_memory.give(await read(first_seen.every))
        first_seen_memory.taken()
        first_seen_memory.recall(await read(sightings.every), self._judge.places)
        self._judge.flows_seen.update(await read(traffic.newest))
        every_open = await read(search.every_open)
        for start in range(0, len(every_open), ALERTS_AT_ONCE):
            self._judge.resume(every_open[start : start + ALERTS_AT_ONCE])
            await asyncio.sleep(0)
        self._judge.engine.suppressions.taken()  # counted when it was judged first
        self._judge.indicators.taken()
        self._judge.checked |= await read(keeping.assets)
        self.share, self.waited_ns = 1.0, 0
        log.info("windows_rebuilt", cursor=cursor, seconds=round((self._clock.mono_ns() - began_ns) / 1e9, 1))
        return cursor

    async def _count(self, after: int, up_to: int) -> None:
        """Count what came before a long stop and is in no row yet, without judging it again."""
        while after < up_to:
            batch = await self._read(
                lambda c, after=after: frames.between(c, after, up_to, FRAMES_AT_ONCE, readings_after=up_to)  # type: ignore[misc]
            )
            if not batch:
                return
            for frame in batch:
                received = self._judge.received(frame)
                self._books.take(frame.id, frame.agent, at_ns=frame.received_ns, received=received)
            self._alive()
            after = batch[-1].id

    async def _read(self, work: Callable[[Connection], T]) -> T:
        """What is read, as soon as it can be: nothing is judged without it, and frames are taken in meanwhile."""
        while True:
            try:
                return await self._store.read(work)
            except StoreError as error:
                log.error("windows_not_rebuilt", reason=str(error))  # noqa: TRY400 - the reason says it all
                self._alive()
                await asyncio.sleep(RETRY_S)
