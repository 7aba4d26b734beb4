# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have hidden for a while: proposed, agreed to by a second person, ended, listed."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.store import Store
from giamsat_collector.suppressing import ledger, wanted
from giamsat_collector.suppressing.record import Record, sigma
from giamsat_collector.suppressing.wanted import Known, Wanted
from giamsat_rules.suppression import TWO_PERSONS
from giamsat_wire.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Suppressing:
    """Commands of the administration socket about suppressions."""

    store: Store
    clock: Clock
    registry: Registry
    force: InForce

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "suppress.check": self.check,
            "suppress.add": self.add,
            "suppress.agree": self.agree,
            "suppress.end": self.end,
            "suppress.list": self.list,
        }

    async def check(self, caller: Caller, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        """What would be kept; nothing is."""
        return self._json(self._decided(said, caller))

    async def add(self, caller: Caller, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        """Hide from now on, or from when it starts; at the high levels only once a second person agrees."""
        record = self._decided(said, caller)
        now = self.clock.wall_ns()
        return await self._write("suppression_proposed", caller, lambda c: ledger.propose(c, record, now))

    async def agree(self, caller: Caller, number: int) -> dict[str, Any]:
        """A second person says yes."""
        if not caller.person:
            raise RefusedError("the system cannot tell which person asks; log in with an account of your own")
        now = self.clock.wall_ns()
        return await self._write("suppression_agreed", caller, lambda c: ledger.agree(c, number, caller.name, now))

    async def end(self, caller: Caller, number: int) -> dict[str, Any]:
        """Hide no more."""
        now = self.clock.wall_ns()
        return await self._write("suppression_ended", caller, lambda c: ledger.end(c, number, caller.name, now))

    async def list(self) -> list[dict[str, Any]]:
        """All there ever were, newest first."""
        return [self._json(record) for record in await self.store.read(ledger.every)]

    def _decided(self, said: Mapping[str, Any], caller: Caller) -> Record:
        try:
            wish = Wanted(**said)
        except TypeError as error:
            raise RefusedError(f"not a suppression: {error}") from error
        assets = {placement.asset for placement in self.registry}
        known = Known(self.force.book.rules.rules.keys(), self.registry.units, self.registry.systems, assets)
        return wanted.decided(wish, known, proposer=caller.name, now_ns=self.clock.wall_ns())

    async def _write(self, event: str, caller: Caller, work: Callable[[Connection], Record]) -> dict[str, Any]:
        record = await self.store.write(work)
        now = self.clock.wall_ns()
        self.force.suppressions.every = await self.store.read(lambda c: ledger.asked(c, now))
        log.info(event, number=record.number, actor=caller.name, document=record.document)
        return self._json(record)

    def _json(self, record: Record) -> dict[str, Any]:
        now = self.clock.wall_ns()
        return asdict(record) | {
            "state": record.state(now).value,
            "agreed_from_level": TWO_PERSONS if record.second is None else None,
            "sigma": sigma(record),
        }
