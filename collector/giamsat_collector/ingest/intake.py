# SPDX-License-Identifier: Apache-2.0
"""Frames of all agents on their way into one durable commit after the other.

Streams put accepted frames here; while one commit is under way the next batch gathers. After the commit each session
learns what is durable and tells its streams, and whoever waits for new frames is woken.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping
from typing import Final

import structlog
from sqlalchemy import Connection

from giamsat_collector.errors import StoreError
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.frames import Arrival, StoredFrame
from giamsat_collector.ingest.outbox import Live
from giamsat_collector.ingest.session import Incoming, Poison, Refused
from giamsat_collector.ingest.tail import Tail
from giamsat_collector.store import Store
from giamsat_wire.lane import Lane

log = structlog.get_logger()

FRAMES_PER_COMMIT: Final = 400
WAITING_BYTES: Final = 48 << 20
"""All agents' frames that may wait for a commit; beyond it agents are told to wait."""
PARTS: Final[Mapping[Lane, float]] = {Lane.URGENT: math.inf, Lane.EVENT: 0.85, Lane.METRIC: 0.7, Lane.BULK: 0.5}
"""From which part of that on each lane waits."""
RETRY_S: Final = 1.0
GATHER_S: Final = 0.01
"""Between two commits, for more frames to come: a commit costs as much as twenty frames, whatever it holds."""


class Intake:
    """Gathers frames and commits them in groups."""

    def __init__(self, store: Store, gather_s: float = GATHER_S) -> None:
        self._store = store
        self._gather_s = gather_s
        self._waiting: list[tuple[Live, Arrival]] = []
        self._bytes = 0
        self._committing: list[Arrival] = []
        self._arrived = asyncio.Event()
        self.tail = Tail()
        self.frames_total = 0
        self.quarantined_total: Counter[str] = Counter()

    def full_for(self, lane: Lane) -> bool:
        """Whether a lane should wait: what is less urgent does so sooner, what is urgent never."""
        return self._bytes > WAITING_BYTES * PARTS[lane]

    @property
    def waiting_bytes(self) -> int:
        """What waits for a commit or is in one; all of it comes again if this process ends."""
        return self._bytes

    @property
    def waiting_since_ns(self) -> int | None:
        """When the first frame of the commit under way was received; None when nothing waits for the disk."""
        return self._committing[0].received_ns if self._committing else None

    def put(self, live: Live, arrival: Arrival) -> None:
        """Queue a frame for the next commit."""
        self._waiting.append((live, arrival))
        self._bytes += arrival.frame.weight
        self._arrived.set()

    async def run(self) -> None:
        """Commit for ever; a store that cannot write is tried again, and nothing is acknowledged meanwhile."""
        while True:
            await self._arrived.wait()
            batch, self._waiting = self._waiting[:FRAMES_PER_COMMIT], self._waiting[FRAMES_PER_COMMIT:]
            if not self._waiting:
                self._arrived.clear()
            await self._commit(batch)
            if len(batch) < FRAMES_PER_COMMIT:
                await asyncio.sleep(self._gather_s)

    async def _commit(self, batch: list[tuple[Live, Arrival]]) -> None:
        arrivals = self._committing = [arrival for _, arrival in batch]

        def work(connection: Connection) -> tuple[StoredFrame, ...]:
            return frames.append(connection, arrivals)

        try:
            self.tail.add(await self._store.write(work))
            self._bytes -= sum(arrival.frame.weight for arrival in arrivals)
        except StoreError as error:
            log.error("frames_not_stored", frames=len(batch), reason=str(error))  # noqa: TRY400 - the reason says it all
            self._start_over(batch)
            await asyncio.sleep(RETRY_S)
            return
        finally:
            self._committing = []
        self.frames_total += len(batch)
        self.quarantined_total.update(arrival.poison for arrival in arrivals if arrival.poison is not None)
        per_agent: dict[int, tuple[Live, list[Arrival]]] = {}
        for live, arrival in batch:
            per_agent.setdefault(id(live), (live, []))[1].append(arrival)
        for live, its in per_agent.values():
            live.durable([arrival.frame for arrival in its])
            live.tell(tuple([_set_aside(arrival.frame, arrival.poison) for arrival in its if arrival.poison]))

    def _start_over(self, batch: list[tuple[Live, Arrival]]) -> None:
        """Every session goes back to what is durable; what waits behind a failed batch would leave a hole."""
        lives = {id(live): live for live, _ in batch + self._waiting}
        self._waiting, self._bytes = [], 0
        self._arrived.clear()
        for live in lives.values():
            live.tell(live.session.failed())


def _set_aside(frame: Incoming, why: str) -> Refused:
    return Refused(frame.lane, frame.epoch, frame.seq, Poison(why))
