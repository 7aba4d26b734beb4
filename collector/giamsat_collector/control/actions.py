# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have the running collector do; the names are those the command line asks for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from giamsat_collector.alerts import ledger, lifecycle, search, shape
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.search import Filter, Page
from giamsat_collector.control.carrying import Parcels
from giamsat_collector.control.covering import Covering
from giamsat_collector.control.enrolling import Enrolling
from giamsat_collector.control.ruling import Ruling
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import intake, rows
from giamsat_collector.registry.intake import Difference, File, Plan
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock


@dataclass(slots=True)
class Actions:
    """Commands of the administration socket, on the parts of a running collector."""

    store: Store
    clock: Clock
    registry: Registry
    enrolling: Enrolling
    covering: Covering
    ruling: Ruling
    parcels: Parcels
    status: Callable[[], Awaitable[dict[str, Any]]]
    first_login: Callable[[], Awaitable[str | None]]
    alerts_changed: Callable[[], None]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            **self.enrolling.commands(),
            **self.covering.commands(),
            **self.ruling.commands(),
            **self.parcels.commands(),
            "status": self.status,
            "console.first_login": self.first_login,
            "alerts.list": self.alerts_list,
            "alerts.show": self.alerts_show,
            "alerts.move": self.alerts_move,
            "registry.import": self.registry_import,
            "registry.example": self.registry_example,
            "registry.link": self.registry_link,
            "registry.unlink": self.registry_unlink,
            "registry.units": self.registry_units,
            "registry.systems": self.registry_systems,
            "registry.assets": self.registry_assets,
        }

    async def alerts_list(self, filters: list[list[str]], limit: int) -> dict[str, Any]:
        """Alerts in the order of the queue."""
        wanted = Filter.parse((name, value) for name, value in filters)
        found: list[Alert] = []
        after: str | None = None
        while len(found) < limit:
            page = await self._page(wanted, after, limit - len(found))
            found += page.alerts
            after = page.after
            if after is None:
                break
        return {"alerts": [shape.as_json(alert) for alert in found], "more": after is not None}

    async def _page(self, wanted: Filter, after: str | None, most: int) -> Page:
        return await self.store.read(
            lambda c: search.search(c, wanted, after=after, limit=min(most, search.LARGEST_PAGE))
        )

    async def alerts_show(self, alert: str) -> dict[str, Any]:
        """One alert with its evidence and history."""
        return await self.store.read(lambda c: shape.as_full_json(ledger.get(c, alert), ledger.history(c, alert)))

    async def alerts_move(
        self, alert: str, action: str, actor: str, note: str = "", owner: str | None = None
    ) -> dict[str, Any]:
        """Acknowledge, assign, close, and what else `lifecycle` allows."""
        if action not in {known.value for known in lifecycle.Action}:
            raise RefusedError(f"no such action: {action[:40]!r}; possible: {', '.join(lifecycle.Action)}")
        request = lifecycle.Request(lifecycle.Action(action), actor[:64], owner, note)
        moved = await self.store.write(lambda c: ledger.move(c, alert, request, self.clock.wall_ns()))
        self.alerts_changed()
        return shape.as_json(moved)

    async def registry_import(self, files: dict[str, dict[str, str]], *, dry_run: bool) -> dict[str, Any]:
        """Import CSV files. Their bytes come as Latin-1 text, so that what is not UTF-8 is found here."""
        given = {kind: File(file["name"], file["text"].encode("latin-1")) for kind, file in files.items()}
        return await self._import(dry_run=dry_run, **given)

    async def registry_example(self, *, dry_run: bool) -> dict[str, Any]:
        """Import the example registry."""
        units, systems = intake.example_files()
        return await self._import(dry_run=dry_run, units=units, systems=systems)

    async def _import(self, *, dry_run: bool, **files: File) -> dict[str, Any]:
        def work(connection: Connection) -> Plan:
            plan = intake.plan(connection, **files)
            if not plan.problems and not dry_run:
                intake.carry_out(connection, plan, self.clock.wall_ns())
            return plan

        plan = await self.store.write(work)
        await self._reload()
        counts = {"units": _counts(plan.units), "systems": _counts(plan.systems), "assets": _counts(plan.assets)}
        return {**counts, "problems": [str(problem) for problem in plan.problems]}

    async def registry_link(self, asset: str, system: str) -> dict[str, Any]:
        """An asset belongs to a system."""
        await self.store.write(lambda c: rows.link(c, asset, system))
        await self._reload()
        return {"level": self.registry.level(asset)}

    async def registry_unlink(self, asset: str, system: str) -> dict[str, Any]:
        """An asset no longer belongs to a system."""
        await self.store.write(lambda c: rows.unlink(c, asset, system))
        await self._reload()
        return {"level": self.registry.level(asset)}

    async def registry_units(self) -> list[dict[str, Any]]:
        """Every unit."""
        return [asdict(unit) for unit in self.registry.units.values()]

    async def registry_systems(self) -> list[dict[str, Any]]:
        """Every system."""
        return [asdict(system) for system in self.registry.systems.values()]

    async def registry_assets(self) -> list[dict[str, Any]]:
        """Every asset, with the level it is judged by."""
        return [asdict(placement) for placement in self.registry]

    async def _reload(self) -> None:
        await self.store.read(self.registry.load)


def _counts(part: Difference[Any]) -> dict[str, int]:
    return {"added": len(part.added), "changed": len(part.changed), "unchanged": part.unchanged}
