# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done about alerts."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection

from giamsat_collector.alerts import detail, evidence, ledger, lifecycle, search, shape
from giamsat_collector.alerts.search import Filter, Page
from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook.force import InForce
from giamsat_collector.rulebook.register import measure
from giamsat_collector.store import Store
from giamsat_rules.rule import Texts
from giamsat_wire.clock import Clock


@dataclass(frozen=True, slots=True)
class AlertsCommands:
    """Commands of the administration socket about alerts; `changed` is called when one was moved."""

    store: Store
    clock: Clock
    registry: Registry
    force: InForce
    changed: Callable[[], None]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "alerts.list": self.every,
            "alerts.show": self.show,
            "alerts.move": self.move,
            "alerts.evidence": self.packets,
        }

    async def every(self, filters: list[list[str]], limit: int) -> dict[str, Any]:
        """Alerts in the order of the queue."""
        wanted = Filter.parse((name, value) for name, value in filters)
        wanted = replace(wanted, unit=self.registry.with_predecessors(wanted.unit))
        found: list[dict[str, Any]] = []
        after: str | None = None
        while len(found) < limit:
            page, behind = await self._page(wanted, after, limit - len(found))
            found += [shape.as_json(alert, behind.get(alert.id, 0)) for alert in page.alerts]
            after = page.after
            if after is None:
                break
        return {"alerts": found, "more": after is not None}

    async def _page(self, wanted: Filter, after: str | None, most: int) -> tuple[Page, Mapping[str, int]]:
        def read(connection: Connection) -> tuple[Page, Mapping[str, int]]:
            page = search.search(connection, wanted, after=after, limit=min(most, search.LARGEST_PAGE))
            return page, search.behind(connection, [alert.id for alert in page.alerts])

        return await self.store.read(read)

    async def show(self, alert: str) -> dict[str, Any]:
        """One alert with its evidence and history, by what it was judged, and what its rule says to do first."""
        found, said = await self.store.read(lambda connection: detail.read(connection, alert))
        header, by = self.force.header(found.rule), measure(self.force.book.standards, self.registry, found)
        return {
            **said,
            "measured_by": by.as_json() if by else None,
            "runbook": asdict(header.runbook if header else Texts()),
        }

    async def packets(self, alert: str) -> dict[str, Any]:
        """The packets behind an alert: a capture file (base64) for each link type, and what is known of each piece."""
        found = await self.store.read(lambda c: evidence.of_alert(c, ledger.get(c, alert)))
        files = {str(kind): base64.b64encode(raw).decode() for kind, raw in evidence.files(found).items()}
        return {"files": files, "evidence": [one.as_json() for one in found]}

    async def move(
        self, caller: Caller, alert: str, action: str, note: str = "", owner: str | None = None
    ) -> dict[str, Any]:
        """Acknowledge, assign, close, and what else `lifecycle` allows."""
        if action not in {known.value for known in lifecycle.Action}:
            names = ", ".join(lifecycle.Action)
            raise RefusedError("no such action: {action!r}; possible: {names}", action=action[:40], names=names)
        request = lifecycle.Request(lifecycle.Action(action), caller.name, owner, note)
        moved = await self.store.write(lambda c: ledger.move(c, alert, request, self.clock.wall_ns()))
        self.changed()
        return shape.as_json(moved)
