# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about the registry, and what it tells it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.registry import changing, fact_ledger, intake, sheet
from giamsat_collector.registry.amendment import Amending
from giamsat_collector.registry.changing import Step
from giamsat_collector.registry.fact_ledger import Telling
from giamsat_collector.registry.history import Kind, Standing
from giamsat_collector.registry.intake import Difference, File, Plan
from giamsat_collector.registry.sheet import CellError
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_wire.clock import SECOND_NS, Clock

TELLINGS: Final = 1_000
"""The newest entries of the log that are shown."""
FIRST_YEAR: Final = 2023
"""Of the example registry; any other year is what the reform of 2025 made of it."""
DAY_NS: Final = 86_400 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class RegistryCommands:
    """Commands of the administration socket about the registry; days begin in `zone`."""

    store: Store
    clock: Clock
    registry: Registry
    zone: tzinfo
    amending: Amending

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "registry.import": self.take_in,
            "registry.example": self.example,
            "registry.link": self.link,
            "registry.unlink": self.unlink,
            "registry.units": self.units,
            "registry.systems": self.systems,
            "registry.assets": self.assets,
            "registry.placements": self.placements,
            "registry.log": self.log,
        }

    async def take_in(
        self,
        caller: Caller,
        files: dict[str, dict[str, str]],
        *,
        dry_run: bool,
        effective: str = "",
        document: str = "",
    ) -> dict[str, Any]:
        """Import CSV files. Their bytes come as Latin-1 text, so that what is not UTF-8 is found here."""
        given = {kind: File(file["name"], file["text"].encode("latin-1")) for kind, file in files.items()}
        names = ", ".join(file.name for file in given.values())
        by = Telling(caller.name, f"import {names}", document)
        return await self._import(given, by, effective=effective, dry_run=dry_run)

    async def example(self, caller: Caller, *, dry_run: bool, year: int = FIRST_YEAR) -> dict[str, Any]:
        """Import the example registry, or on top of it the province as it is since July 2025."""
        if year == FIRST_YEAR:
            return await self._import(
                intake.example_files(), Telling(caller.name, "example"), effective="", dry_run=dry_run
            )
        if not self.registry.units:
            raise RefusedError(
                "the units of 2025 are what the reform made of those of 2023, and none is registered; "
                "run 'giamsat-collector registry example' first"
            )
        files = intake.example_of_2025()
        return await self._import(
            files, Telling(caller.name, "example of 2025"), effective="2025-07-01", dry_run=dry_run
        )

    async def _import(self, files: Mapping[str, File], by: Telling, *, effective: str, dry_run: bool) -> dict[str, Any]:
        if dry_run:
            plan = await self.amending.plan(files, effective)
        else:
            plan = await self.amending.carry_out(files, by, effective)
        return {
            "units": _counts(plan.units),
            "systems": _counts(plan.systems),
            "assets": _counts(plan.assets),
            "steps": [self._step(step) for step in plan.steps],
            "ends": list(self._ends(plan)),
            "unchanged": plan.unchanged,
            "problems": [problem.in_both() for problem in plan.problems],
        }

    async def link(self, caller: Caller, asset: str, system: str) -> dict[str, Any]:
        """An asset belongs to a system."""
        by, now = Telling(caller.name, f"link {asset} {system}"), self.clock.wall_ns()
        await self.store.write(lambda c: fact_ledger.link(c, asset, system, by, now))
        await self.amending.reload()
        return {"level": self.registry.level(asset)}

    async def unlink(self, caller: Caller, asset: str, system: str) -> dict[str, Any]:
        """An asset no longer belongs to a system."""
        by, now = Telling(caller.name, f"unlink {asset} {system}"), self.clock.wall_ns()
        await self.store.write(lambda c: fact_ledger.unlink(c, asset, system, by, now))
        await self.amending.reload()
        return {"level": self.registry.level(asset)}

    async def units(self, as_of: str = "", as_told: str = "") -> list[dict[str, Any]]:
        """Every unit that stands, or stood on a day by what was told until the end of another."""
        if not as_of and not as_told:
            return [asdict(unit) for unit in self.registry.units.values()]
        return [asdict(unit) for unit in (await self._standing(as_of, as_told)).units.values()]

    async def systems(self, as_of: str = "", as_told: str = "") -> list[dict[str, Any]]:
        """Every system."""
        if not as_of and not as_told:
            return [asdict(system) for system in self.registry.systems.values()]
        return [asdict(system) for system in (await self._standing(as_of, as_told)).systems.values()]

    async def assets(self, as_of: str = "", as_told: str = "") -> list[dict[str, Any]]:
        """Every asset with the systems it belongs to, or belonged to on a day."""
        return [asdict(asset) for asset in (await self._standing(as_of, as_told)).assets.values()]

    async def placements(self) -> list[dict[str, Any]]:
        """Where every asset stands now: the system that gives it its level, and the level it is judged by."""
        return [asdict(placement) for placement in self.registry]

    async def log(self) -> list[dict[str, Any]]:
        """Who told the registry what, newest first."""
        found = await self.store.read(lambda connection: fact_ledger.told(connection, TELLINGS))
        return [
            {
                "told": instant(row["told_ns"]) if row["told_ns"] else None,
                "actor": row["actor"],
                "what": row["what"],
                "document": row["document"],
                "facts": row["facts"],
            }
            for row in found
        ]

    async def _standing(self, as_of: str, as_told: str) -> Standing:
        at_ns = self._day(as_of) if as_of else self.clock.wall_ns()
        told_ns = self._day(as_told) + DAY_NS - 1 if as_told else None
        return await self.store.read(lambda connection: fact_ledger.known(connection, told_ns).standing(at_ns))

    def _day(self, day: str) -> int:
        try:
            return changing.start_ns(sheet.day({"day": day}, "day"), self.zone)
        except CellError as refused:
            raise RefusedError(refused.text) from refused

    def _step(self, step: Step) -> dict[str, Any]:
        day = f"{datetime.fromtimestamp(step.from_ns / SECOND_NS, self.zone):%Y-%m-%d}"
        fields = {name: [step.before[name], value] for name, value in step.after.items()}
        return {"kind": step.key.kind.value, "id": step.key.id, "effective": day, "fields": fields}

    def _ends(self, plan: Plan) -> Iterator[dict[str, Any]]:
        """The units that end and that nothing follows, with the hosts whose agents are parked then."""
        for step in plan.steps:
            if step.key.kind is Kind.UNIT and step.after.get("valid_to") and not step.after.get("successor"):
                hosts = sorted(one.name for one in self.registry if one.unit == step.key.id)
                yield {"unit": step.key.id, "last_day": step.after["valid_to"], "hosts": hosts}


def _counts(part: Difference) -> dict[str, int]:
    return {"added": len(part.added), "changed": len(part.changed), "unchanged": part.unchanged}
