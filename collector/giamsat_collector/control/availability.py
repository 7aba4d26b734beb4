# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about availability, and the maintenance it declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from giamsat_collector import recording
from giamsat_collector.availability import maintenance, month
from giamsat_collector.availability.maintenance import Maintenance
from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.preconditions import must_be_registered
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock


@dataclass(frozen=True, slots=True)
class AvailabilityCommands:
    """Commands of the administration socket about availability. `alerts_changed` is told when alerts came back."""

    store: Store
    registry: Registry
    clock: Clock
    zone: tzinfo
    alerts_changed: Callable[[], None]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "availability.show": self.show,
            "availability.declare": self.declare,
            "availability.agree": self.agree,
            "availability.withdraw": self.withdraw,
            "availability.declared": self.declared,
        }

    async def show(self, wanted: str = "", system: str = "") -> dict[str, Any]:
        """A month of the systems that are checked, or of one; the month it is now when none is named."""
        now_ns = self.clock.wall_ns()
        name = wanted or month.current(self.zone, now_ns)
        over = month.span(name, self.zone, now_ns)
        if system:
            self._must_exist(system)
        found = await self.store.read(lambda connection: month.read(connection, name, over))
        systems = [
            {**self._about(one), **month.as_json(availability, over)}
            for one, availability in found.systems.items()
            if not system or one == system
        ]
        return {"month": name, "systems": systems, "unchecked": len(self.registry.systems) - len(found.systems)}

    async def declare(self, caller: Caller, system: str, begin: str, end: str, reason: str) -> list[dict[str, Any]]:
        """Declare a maintenance; every one of that time is answered."""
        self._must_exist(system)
        from_ns, to_ns = (maintenance.moment(text, self.zone) for text in (begin, end))
        now_ns = self.clock.wall_ns()

        def work(connection: Any) -> tuple[Maintenance, ...]:  # noqa: ANN401 - a Connection
            maintenance.declare(connection, system, from_ns, to_ns, reason=reason, author=caller.name, at_ns=now_ns)
            return maintenance.between(connection, from_ns, to_ns)

        return [month.declaration(one) for one in await self.store.write(work) if one.system == system]

    async def agree(self, caller: Caller, number: int) -> None:
        """A second person says yes: alerts of the high levels wait apart, too."""
        if not caller.person:
            raise RefusedError(
                "the system cannot tell which person asks; log in with an account of your own, or agree in the console"
            )
        now_ns = self.clock.wall_ns()
        await self.store.write(lambda c: maintenance.agree(c, number, person=caller.name, at_ns=now_ns))

    async def withdraw(self, caller: Caller, number: int) -> None:
        """Take a declaration back; what waited apart for it comes into the queue."""
        now_ns = self.clock.wall_ns()
        await self.store.write(lambda c: recording.withdraw(c, number, author=caller.name, at_ns=now_ns))
        self.alerts_changed()

    async def declared(self, wanted: str = "") -> list[dict[str, Any]]:
        """Every declaration of a month, withdrawn ones as well; without a month every one there is."""
        first, end = 0, 1 << 62
        if wanted:
            over = month.span(wanted, self.zone, end)
            first, end = over.first * 60 * 10**9, over.end * 60 * 10**9
        found = await self.store.read(lambda connection: maintenance.between(connection, first, end))
        return [month.declaration(one) for one in found]

    def _about(self, system: str) -> dict[str, Any]:
        known = self.registry.systems.get(system)
        unit = self.registry.units.get(known.unit) if known else None
        return {
            "system": system,
            "name": known.name if known else system,
            "level": known.level if known else None,
            "unit": known.unit if known else None,
            "unit_name": unit.name if unit else None,
        }

    def _must_exist(self, system: str) -> None:
        must_be_registered("system", system, self.registry.systems)
