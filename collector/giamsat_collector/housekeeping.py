# SPDX-License-Identifier: Apache-2.0
"""What is done twice a minute: who was heard is saved, and what was kept long enough is let go of."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection

from giamsat_collector import first_seen
from giamsat_collector.alerts import evidence, ledger
from giamsat_collector.archive.retention import kept_days
from giamsat_collector.coverage import minute_rows
from giamsat_collector.coverage.sources import MINUTE_NS
from giamsat_collector.errors import CollectorError
from giamsat_collector.ingest import frames
from giamsat_collector.parts import Parts
from giamsat_collector.sightings import keeping as sightings
from giamsat_collector.traffic import keeping as traffic
from giamsat_rules.level import STRICTEST
from giamsat_rules.obligation import retention_days

log = structlog.get_logger()

EVERY_S: Final = 30.0
AT_ONCE: Final = 1_000
"""Rows that one transaction lets go of: frames that arrive meanwhile wait for it."""
TURNS: Final = 2_000
"""Transactions that let go of rows of one kind at a time, at the most: of a clock that is wrong they say little."""
_HOUR_NS: Final = 3600 * 1_000_000_000


class Housekeeping:
    """That of a collector with these parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def run(self) -> None:
        """Keep house for ever; what the disk refuses now is tried again next time."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.keep()
            except CollectorError as error:
                log.error("house_not_kept", reason=str(error))  # noqa: TRY400 - the reason says it all

    async def keep(self) -> None:
        """Do everything once."""
        parts, now = self._parts, self._parts.clock.wall_ns()

        def work(connection: Connection) -> int:
            parts.fleet.save(connection)
            return ledger.surface(connection, now)

        await parts.keeper.keep()
        if not parts.clock_trust.doubted:
            await self._forget()
        if await parts.store.write(work):
            parts.news.publish()
        await parts.sighted.look()
        await parts.daily.look()
        await parts.turn_of_the_day()

    async def _forget(self) -> None:
        """Let go of everything that was kept long enough."""
        kept, now = self._parts.config.retention, self._parts.clock.wall_ns()
        self._parts.keeper.forget()
        await self._let_go_of_frames()
        await self._let_go(partial(minute_rows.forget, before=now // MINUTE_NS - minute_rows.KEPT, most=AT_ONCE))
        await self._let_go(partial(traffic.forget, before_ns=self._since(kept.flow_days), most=AT_ONCE))
        await self._let_go(partial(sightings.forget, before_ns=self._since(kept.sighting_days), most=AT_ONCE))
        await self._let_go(partial(first_seen.forget, before_ns=self._since(first_seen.DAYS), most=AT_ONCE))
        await self._let_go(partial(evidence.forget, kept_days=self._kept_days, now_ns=now, most=AT_ONCE))

    async def _let_go_of_frames(self) -> None:
        """All that are older than their retention, judged and archived, however many came since the last time."""
        now = self._parts.clock.wall_ns()
        forget = partial(
            frames.forget_before,
            received_ns=now - self._parts.config.retention.frame_hours * _HOUR_NS,
            up_to_id=min(self._parts.pipeline.figures.cursor, self._parts.keeper.cursor),
            most=AT_ONCE,
            now_ns=now,
        )
        after: int | None = 0
        for _ in range(TURNS):
            after = await self._parts.store.write(partial(forget, after=after))
            if after is None:
                return

    async def _let_go(self, forget: Callable[[Connection], int]) -> None:
        """All that is older than it is kept, however much came since the last time."""
        for _ in range(TURNS):
            if await self._parts.store.write(forget) < AT_ONCE:
                return

    def _since(self, days: int) -> int:
        return self._parts.clock.wall_ns() - days * 24 * _HOUR_NS

    def _kept_days(self, asset: str) -> int:
        """For how many days events of a host are kept; of one that nobody classified as long as any."""
        level, owed = self._parts.registry.level(asset), retention_days(self._parts.rules.force.book.obligations)
        return kept_days(STRICTEST if level is None else level, owed, self._parts.config.retention.event_days)
