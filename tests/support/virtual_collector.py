# SPDX-License-Identifier: Apache-2.0
"""A collector in time that is made up, for as many agents as come: service, intake and rows are the real ones."""

import heapq
from itertools import count
from typing import Any, Final

from giamsat_collector.ingest.intake import FRAMES_PER_COMMIT, GATHER_S, Intake
from giamsat_collector.ingest.service import IngestService
from support.clock import ManualClock
from support.simulated_collector import Database, Nobody, at_once

S: Final = 1_000_000_000


class VirtualCollector:
    """What happens at it and with its agents, in the order in which it happens.

    It stores `frames_per_s`, those that came first before the others; without it, whatever comes at once.
    """

    def __init__(self, frames_per_s: float | None = None) -> None:
        self.clock, self.database = ManualClock(), Database()
        self.intake = Intake(self.database)  # type: ignore[arg-type]  # a store in memory
        self.service: Any = IngestService(
            store=self.database,  # type: ignore[arg-type]
            intake=self.intake,
            fleet=Nobody(),
            clock=self.clock,
            authenticate=self._saw,  # type: ignore[arg-type]  # never asked: streams are served directly
            saw=self._saw,
        )
        self.remarks: list[str] = []
        self.links: dict[str, Any] = {}
        self._frame_ns = 0 if frames_per_s is None else S / frames_per_s
        self._busy = False
        self._events: list[tuple[int, int, Any, tuple[Any, ...]]] = []
        self._number = count()

    async def _saw(self, agent: str, kind: str) -> None:
        self.remarks.append(kind)

    def at(self, at_ns: int, what: Any, *words: Any) -> None:
        """Have something happen at a time."""
        heapq.heappush(self._events, (at_ns, next(self._number), what, words))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        until = self.clock.mono_ns() + int(seconds * S)
        while self._events and self._events[0][0] <= until:
            at_ns, _, what, words = heapq.heappop(self._events)
            self.clock.advance(max(0, at_ns - self.clock.mono_ns()))
            what(*words)
        self.clock.advance(max(0, until - self.clock.mono_ns()))

    def every(self, seconds: float, what: Any) -> None:
        """Have something happen again and again."""

        def again() -> None:
            what()
            self.at(self.clock.mono_ns() + int(seconds * S), again)

        self.at(self.clock.mono_ns(), again)

    def stores(self) -> None:
        """What waits is stored, now or as fast as it can."""
        if not self._frame_ns:
            while self.intake._waiting:
                at_once(self.intake._commit(self._batch()))
        elif self.intake._waiting and not self._busy:
            self._busy, batch = True, self._batch()
            self.at(self.clock.mono_ns() + int(self._frame_ns * len(batch)), self._stored, batch)

    def _stored(self, batch: list[Any]) -> None:
        at_once(self.intake._commit(batch))
        for agent in {arrival.agent for _, arrival in batch}:
            self.links[agent].answered()
        gathers_s = GATHER_S if len(batch) < FRAMES_PER_COMMIT else 0.0
        self.at(self.clock.mono_ns() + int(gathers_s * S), self._goes_on)

    def _goes_on(self) -> None:
        self._busy = False
        self.stores()

    def _batch(self) -> list[Any]:
        waiting = self.intake._waiting
        batch, self.intake._waiting = waiting[:FRAMES_PER_COMMIT], waiting[FRAMES_PER_COMMIT:]
        return batch
