# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have the running collector do; the names are those the command line asks for."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection

from giamsat_collector.alerts import ledger, lifecycle, search, shape
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.search import Filter, Page
from giamsat_collector.control.server import Command
from giamsat_collector.enrol import agents, tokens
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.authority import Authority
from giamsat_collector.errors import RefusedError
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.registry import intake, rows
from giamsat_collector.registry.intake import Difference, File, Plan
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

_LIFETIME: Final = re.compile(r"\A([0-9]{1,5})([mhd])\Z")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400}


@dataclass(slots=True)
class Actions:
    """Commands of the administration socket, on the parts of a running collector."""

    store: Store
    clock: Clock
    registry: Registry
    fleet: Fleet
    pages: HostPages
    authority: Authority
    allow_list: AllowList
    enrol_address: str
    status: Callable[[], Awaitable[dict[str, Any]]]
    first_login: Callable[[], Awaitable[str | None]]
    alerts_changed: Callable[[], None]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "status": self.status,
            "console.first_login": self.first_login,
            "alerts.list": self.alerts_list,
            "alerts.show": self.alerts_show,
            "alerts.move": self.alerts_move,
            "enrol.issue": self.enrol_issue,
            "enrol.agents": self.enrol_agents,
            "enrol.revoke": self.enrol_revoke,
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

    async def enrol_issue(self, unit: str, system: str | None, uses: int, expires: str, actor: str) -> dict[str, Any]:
        """A new token."""
        lifetime_ns = _lifetime_ns(expires)
        now = self.clock.wall_ns()

        def work(connection: Connection) -> str:
            if not rows.unit_exists(connection, unit):
                raise RefusedError(f"no such unit: {unit}; 'giamsat-collector registry units' shows those there are")
            if system is not None and not rows.system_exists(connection, system):
                raise RefusedError(f"no such system: {system}; 'giamsat-collector registry systems' shows them")
            return tokens.issue(
                connection,
                unit=unit,
                system=system,
                uses=uses,
                lifetime_ns=lifetime_ns,
                root_pin=self.authority.root_spki_sha256,
                by=actor,
                now_ns=now,
            )

        token = await self.store.write(work)
        expires_at = shape.instant(now + lifetime_ns)
        return {"token": token, "unit": unit, "uses": uses, "expires": expires_at, "address": self.enrol_address}

    async def enrol_agents(self) -> list[dict[str, Any]]:
        """Every enrolled host: where it stands and when it was last heard."""
        found = []
        for agent in self.allow_list:
            contact = self.fleet.contact(agent.id)
            found.append(
                {
                    "id": agent.id,
                    "hostname": contact.hostname if contact else agent.hostname,
                    "unit": agent.unit,
                    "level": self.registry.level(agent.id),
                    "state": self.fleet.state(agent),
                    "heard": shape.instant(contact.heard_ns) if contact else None,
                    "version": contact.version if contact else None,
                    "series": self.pages.series(agent.id),
                }
            )
        return found

    async def enrol_revoke(self, agent: str, why: str, actor: str) -> None:
        """Never let an agent connect again; its streams are cut now."""
        reason = f"{why} ({actor})"
        now = self.clock.wall_ns()
        await self.store.write(lambda c: agents.revoke(c, agent, reason, now))
        self.allow_list.expel(agent, reason, now)

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


def _lifetime_ns(text: str) -> int:
    found = _LIFETIME.match(text.strip())
    if found is None:
        raise RefusedError(f"{text[:20]!r} is not a duration; write e.g. 30m, 24h or 7d")
    return int(found[1]) * _SECONDS[found[2]] * 1_000_000_000
