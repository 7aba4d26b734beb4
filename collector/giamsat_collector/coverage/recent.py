# SPDX-License-Identifier: Apache-2.0
"""How every system stands, for many who look: stated at most once in a few seconds, however many ask."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from giamsat_collector.coverage.statement import Statement
from giamsat_wire.clock import Clock

KEPT_NS: Final = 5 * 10**9
"""How long a statement is shown before another is made."""


class Recent:
    """The last statement while it is young, else a new one, which all who ask meanwhile get."""

    def __init__(self, state: Callable[[], Awaitable[Statement]], clock: Clock) -> None:
        self._state, self._clock = state, clock
        self._last: Statement | None = None
        self._making = asyncio.Lock()

    async def now(self) -> Statement:
        """How every system stood at most KEPT_NS ago."""
        async with self._making:
            if self._last is None or not 0 <= self._clock.wall_ns() - self._last.at_ns < KEPT_NS:
                self._last = await self._state()
            return self._last
