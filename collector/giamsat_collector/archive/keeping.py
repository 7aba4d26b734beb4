# SPDX-License-Identifier: Apache-2.0
"""Moves committed events into the archive and lets go of what no level owes any more.

It reads by a cursor of its own, which moves only after the day files are durable: killed at any point, nothing is
lost, and what is added again is passed over by its id.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import structlog

from giamsat_collector.archive.folder import Archive, received_on
from giamsat_collector.archive.retention import Rise, due
from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames, progress
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.store import Store
from giamsat_rules.level import STRICTEST
from giamsat_wire.clock import Clock

log = structlog.get_logger()

READER: Final = "archive"
AT_ONCE: Final = 2_000


class Keeper:
    """The one who writes the archive."""

    def __init__(
        self,
        *,
        store: Store,
        archive: Archive,
        level: Callable[[str], int | None],
        clock: Clock,
        owed: Callable[[], Mapping[int, int]],
        least: int,
        risen: Callable[[], Iterable[tuple[int | None, int | None, int]]] = tuple,
    ) -> None:
        """`level` is an asset's, `owed` the days each level keeps its events for, `least` the days all of them do.

        `risen` are levels of assets that became higher ones: before, now, and since when.
        """
        self._store = store
        self._archive = archive
        self._level = level
        self._clock = clock
        self._owed = owed
        self._least = least
        self._risen = risen
        self.cursor = self.frames_total = self.failures_total = 0

    async def keep(self) -> None:
        """Move everything that is committed now; what cannot be written stays where it is and is tried again."""
        try:
            newest = await self._store.read(frames.newest)
            self.cursor = await self._store.read(lambda connection: progress.reached(connection, READER))
            while self.cursor < newest:
                await self._keep_some(newest)
        except StoreError as error:
            self.failures_total += 1
            log.error("events_not_archived", reason=str(error))  # noqa: TRY400 - the reason says it all

    async def _keep_some(self, newest: int) -> None:
        after = self.cursor
        batch = await self._store.read(
            lambda connection: frames.between(connection, after, newest, AT_ONCE, readings_after=newest)
        )
        by_level: dict[int, list[StoredFrame]] = {}
        for frame in batch:
            by_level.setdefault(_file_of(self._level(frame.agent)), []).append(frame)
        for level, its in by_level.items():
            await asyncio.to_thread(self._archive.append, level, its)
        to = batch[-1].id if len(batch) == AT_ONCE else newest
        await self._store.write(lambda connection: progress.reach(connection, READER, to))
        self.cursor = to
        self.frames_total += len(batch)

    def forget(self) -> None:
        """Let go of the days that no level owes any more; what cannot be deleted is tried again."""
        today = received_on(self._clock.wall_ns())
        rises = [Rise(_file_of(before), _file_of(after), received_on(at_ns)) for before, after, at_ns in self._risen()]
        gone = tuple(due(self._archive.days(), today, self._owed(), self._least, rises))
        if not gone:
            return
        try:
            self._archive.forget(gone)
        except StoreError as error:
            self.failures_total += 1
            log.error("days_not_forgotten", reason=str(error))  # noqa: TRY400 - the reason says it all
        else:
            log.info("days_forgotten", files=[f"level-{day.level}/{day.date}" for day in gone])


def _file_of(level: int | None) -> int:
    """Under which level frames of an asset are filed: what nobody classified as the strictest."""
    return STRICTEST if level is None else level
