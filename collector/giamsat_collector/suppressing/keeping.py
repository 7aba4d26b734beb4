# SPDX-License-Identifier: Apache-2.0
"""Suppressions while the collector runs: a change is durable before the engine follows it, and stands in the log."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from giamsat_collector.store import Store
from giamsat_collector.suppressing import ledger
from giamsat_collector.suppressing.record import Record
from giamsat_rules.suppression import Suppressions
from giamsat_wire.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Keeping:
    """Proposes, agrees, ends and lists. `suppressions` are those the engine asks at this moment."""

    store: Store
    clock: Clock
    suppressions: Callable[[], Suppressions]

    async def propose(self, record: Record) -> Record:
        """Hide from now on, or from when it starts; at the high levels once a second person agrees.

        Raises:
            RefusedError: too many stand already.
        """
        now = self.clock.wall_ns()
        return await self._done("suppression_proposed", record.proposer, lambda c: ledger.propose(c, record, now))

    async def agree(self, number: int, person: str) -> Record:
        """A second person says yes.

        Raises:
            RefusedError: it is over, somebody agreed already, or the person is the one who proposed it.
        """
        now = self.clock.wall_ns()
        return await self._done("suppression_agreed", person, lambda c: ledger.agree(c, number, person, now))

    async def end(self, number: int, person: str) -> Record:
        """Hide no more.

        Raises:
            RefusedError: there is none, or it is over.
        """
        now = self.clock.wall_ns()
        return await self._done("suppression_ended", person, lambda c: ledger.end(c, number, person, now))

    async def every(self) -> tuple[Record, ...]:
        """All there ever were, newest first."""
        return await self.store.read(ledger.every)

    async def load(self) -> None:
        """Have the engine ask what stands in the rows."""
        now = self.clock.wall_ns()
        self.suppressions().every = await self.store.read(lambda c: ledger.asked(c, now))

    async def _done(self, event: str, actor: str, work: Callable[[Connection], Record]) -> Record:
        record = await self.store.write(work)
        await self.load()
        log.info(event, number=record.number, actor=actor, document=record.document)
        return record
