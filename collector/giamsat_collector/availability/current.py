# SPDX-License-Identifier: Apache-2.0
"""The month it is now, added up once a minute however often it is asked for: a minute is what it is counted in."""

from datetime import tzinfo

from giamsat_collector.availability import month
from giamsat_collector.availability.minutes import MINUTE_NS
from giamsat_collector.availability.month import Month
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock


class Current:
    """Keeps the last sum."""

    def __init__(self, store: Store, clock: Clock, zone: tzinfo) -> None:
        self._store, self._clock, self._zone = store, clock, zone
        self._minute = -1
        self._month: Month | None = None

    async def now(self) -> Month:
        """This month as far as it has passed."""
        now_ns = self._clock.wall_ns()
        if self._month is None or self._minute != now_ns // MINUTE_NS:
            name = month.current(self._zone, now_ns)
            over = month.span(name, self._zone, now_ns)
            self._month = await self._store.read(lambda connection: month.read(connection, name, over))
            self._minute = now_ns // MINUTE_NS
        return self._month
