# SPDX-License-Identifier: Apache-2.0
"""Has the registry take in files whole, or not at all, and everything that stands on it know."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import Connection

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import intake
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.intake import File, Plan, When
from giamsat_collector.registry.preview import Preview, Seen, leaving
from giamsat_collector.registry.snapshot import Registry
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
        now = self.clock.wall_ns()
        return await self.store.read(lambda connection: self._plan(connection, files, effective, now))

    async def preview(self, files: Mapping[str, File], units: Sequence[str], effective: str) -> Preview:
        """The same with what stands in the units that would end, for a person to agree to.

        Raises:
            RefusedError: `effective` is no day.
        """
        now = self.clock.wall_ns()
        return await self.store.read(
            lambda connection: Preview(self._plan(connection, files, effective, now), leaving(connection, units))
        )

    async def carry_out(
        self, files: Mapping[str, File], by: Telling, effective: str = "", seen: Seen | None = None
    ) -> Plan:
        """Do what files say; with a problem nothing is written. Where somebody agreed to a preview: do that alone.

        Raises:
            RefusedError: `effective` is no day, or by now something else would be done than was seen.
        """
        now = self.clock.wall_ns()

        def work(connection: Connection) -> Plan:
            plan = self._plan(connection, files, effective, now)
            if seen is not None:
                _must_be_as_seen(Preview(plan, leaving(connection, seen.units)), seen)
            if not plan.problems:
                intake.carry_out(connection, plan, now, by)
            return plan

        plan = await self.store.write(work)
        await self.reload()
        return plan

    async def reload(self) -> None:
        """Have the registry, and what stands on it, know what was written."""
        await self.registry.follow(self.store)
        await self.changed()

    def _plan(self, connection: Connection, files: Mapping[str, File], effective: str, now_ns: int) -> Plan:
        when = When(now_ns, self.zone, effective)
        return intake.plan(connection, **files, when=when, packs=self.packs())


def _must_be_as_seen(preview: Preview, seen: Seen) -> None:
    if not seen.mark or preview.mark != seen.mark:
        raise RefusedError("something else would be done than was shown; look at the preview again")
