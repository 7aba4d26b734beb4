# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about coverage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.coverage import attesting
from giamsat_collector.coverage.attesting import Wanted
from giamsat_collector.coverage.gather import Coverage
from giamsat_collector.coverage.statement import as_json
from giamsat_collector.preconditions import must_be_registered
from giamsat_collector.sightings.hosts import step
from giamsat_collector.store import Store


@dataclass(frozen=True, slots=True)
class CoverageCommands:
    """Commands of the administration socket about coverage.

    `unwatched` is how many hosts on the networks of each unit have no agent.
    """

    store: Store
    coverage: Coverage
    unwatched: Callable[[], Mapping[str, int]]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {"coverage.show": self.show, "coverage.attest": self.attest}

    async def show(self, system: str = "", unit: str = "", level: int = 0) -> dict[str, Any]:
        """Totals of all, and the systems that are asked for."""
        registry = self.coverage.registry
        if system:
            must_be_registered("system", system, registry.systems)
        units = registry.within(unit) if unit else None
        chosen = {
            one.id
            for one in registry.systems.values()
            if (not system or one.id == system)
            and (units is None or one.unit in units)
            and (not level or one.level == level)
        }
        found = as_json(await self.coverage.now(self.store), registry.systems, registry.units, chosen)
        of = {registry.systems[one].unit for one in chosen}
        return {**found, "unwatched_hosts": [_unwatched(*one) for one in self.unwatched().items() if one[0] in of]}

    async def attest(
        self, caller: Caller, system: str, obligation: str, *, state: str, document: str, text: str, expires: str
    ) -> dict[str, Any]:
        """Keep what a person answers for."""
        wanted = Wanted(system, obligation, state, document, text, expires, actor=caller.name)
        must_be_registered("system", wanted.system, self.coverage.registry.systems)
        owed = self.coverage.owed(self.coverage.registry.systems[wanted.system])
        at_ns = self.coverage.clock.wall_ns()
        today = self.coverage.today(at_ns)
        await self.store.write(lambda c: attesting.attest(c, owed, wanted, today=today, at_ns=at_ns))
        return await self.show(system=wanted.system)


def _unwatched(unit: str, count: int) -> dict[str, Any]:
    """What is lacking in a unit beside what its systems owe."""
    said = step(unit, count)
    return {"unit": unit, "count": count, "step": {"vi": said.vi, "en": said.en}}
