# SPDX-License-Identifier: Apache-2.0
"""Has the registry take in files whole, or not at all, and everything that stands on it know."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import Connection

from giamsat_collector.registry import intake
from giamsat_collector.registry.intake import File, Plan, When
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.registry.telling import Telling
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock


@dataclass(frozen=True, slots=True)
class Amending:
    """Days begin in `zone`; `packs` names the level packs there are, the default one first; `changed` is told."""

    store: Store
    clock: Clock
    registry: Registry
    zone: tzinfo
    packs: Callable[[], Sequence[str]]
    changed: Callable[[], Awaitable[None]]

    async def plan(self, files: Mapping[str, File], effective: str = "") -> Plan:
        """What files would do, and everything in their way; nothing is written.

        Raises:
            RefusedError: `effective` is no day.
        """
        when = When(self.clock.wall_ns(), self.zone, effective)
        return await self.store.read(lambda c: intake.plan(c, **files, when=when, packs=self.packs()))

    async def carry_out(self, files: Mapping[str, File], by: Telling, effective: str = "") -> Plan:
        """Do what files say; with a problem nothing is written.

        Raises:
            RefusedError: `effective` is no day.
        """
        now = self.clock.wall_ns()

        def work(connection: Connection) -> Plan:
            plan = intake.plan(connection, **files, when=When(now, self.zone, effective), packs=self.packs())
            if not plan.problems:
                intake.carry_out(connection, plan, now, by)
            return plan

        plan = await self.store.write(work)
        await self.reload()
        return plan

    async def reload(self) -> None:
        """Have the registry, and what stands on it, know what was written."""
        await self.store.read(self.registry.load)
        await self.changed()
