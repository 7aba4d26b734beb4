# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have the running collector do; the names are those the command line asks for."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection

from giamsat_collector.alerts import evidence, ledger, lifecycle, search, shape, whole
from giamsat_collector.alerts.search import Filter, Page
from giamsat_collector.control.accounting import Accounting
from giamsat_collector.control.admitting import Admitting
from giamsat_collector.control.availing import Availing
from giamsat_collector.control.backing import Backing
from giamsat_collector.control.caller import Caller
from giamsat_collector.control.carrying import Parcels
from giamsat_collector.control.covering import Covering
from giamsat_collector.control.enrolling import Enrolling
from giamsat_collector.control.flowing import Flowing
from giamsat_collector.control.handling import Handling
from giamsat_collector.control.indicating import Indicating
from giamsat_collector.control.notifying import Notifying
from giamsat_collector.control.registering import Registering
from giamsat_collector.control.reporting import Reporting
from giamsat_collector.control.rotating import Rotating
from giamsat_collector.control.ruling import Ruling
from giamsat_collector.control.server import Command
from giamsat_collector.control.spotting import Spotting
from giamsat_collector.control.stating import Stating
from giamsat_collector.control.suppressing import Suppressing
from giamsat_collector.errors import RefusedError
from giamsat_collector.rulebook.register import measure
from giamsat_collector.store import Store
from giamsat_rules.rule import Texts
from giamsat_wire.clock import Clock


@dataclass(slots=True)
class Actions:
    """Commands of the administration socket, on the parts of a running collector."""

    store: Store
    clock: Clock
    registering: Registering
    enrolling: Enrolling
    covering: Covering
    availing: Availing
    backing: Backing
    flowing: Flowing
    handling: Handling
    indicating: Indicating
    notifying: Notifying
    spotting: Spotting
    stating: Stating
    accounting: Accounting
    reporting: Reporting
    ruling: Ruling
    suppressing: Suppressing
    admitting: Admitting
    parcels: Parcels
    rotating: Rotating
    status: Callable[[], Awaitable[dict[str, Any]]]
    first_login: Callable[[], Awaitable[str | None]]
    alerts_changed: Callable[[], None]

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            **self.enrolling.commands(),
            **self.covering.commands(),
            **self.availing.commands(),
            **self.backing.commands(),
            **self.flowing.commands(),
            **self.handling.commands(),
            **self.indicating.commands(),
            **self.notifying.commands(),
            **self.spotting.commands(),
            **self.stating.commands(),
            **self.accounting.commands(),
            **self.reporting.commands(),
            **self.ruling.commands(),
            **self.suppressing.commands(),
            **self.admitting.commands(),
            **self.parcels.commands(),
            **self.rotating.commands(),
            **self.registering.commands(),
            "status": self.status,
            "console.first_login": self.first_login,
            "alerts.list": self.alerts_list,
            "alerts.show": self.alerts_show,
            "alerts.move": self.alerts_move,
            "alerts.evidence": self.alerts_evidence,
        }

    async def alerts_list(self, filters: list[list[str]], limit: int) -> dict[str, Any]:
        """Alerts in the order of the queue."""
        wanted = Filter.parse((name, value) for name, value in filters)
        wanted = replace(wanted, unit=self.registering.registry.with_predecessors(wanted.unit))
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

    async def alerts_show(self, alert: str) -> dict[str, Any]:
        """One alert with its evidence and history, by what it was judged, and what its rule says to do first."""
        found, said = await self.store.read(lambda connection: whole.read(connection, alert))
        force, registry = self.ruling.force, self.registering.registry
        header, by = force.header(found.rule), measure(force.book.standards, registry, found)
        return {
            **said,
            "measured_by": by.as_json() if by else None,
            "runbook": asdict(header.runbook if header else Texts()),
        }

    async def alerts_evidence(self, alert: str) -> dict[str, Any]:
        """The packets behind an alert: a capture file (base64) for each link type, and what is known of each piece."""
        found = await self.store.read(lambda c: evidence.of_alert(c, ledger.get(c, alert)))
        files = {str(kind): base64.b64encode(raw).decode() for kind, raw in evidence.files(found).items()}
        return {"files": files, "evidence": [one.as_json() for one in found]}

    async def alerts_move(
        self, caller: Caller, alert: str, action: str, note: str = "", owner: str | None = None
    ) -> dict[str, Any]:
        """Acknowledge, assign, close, and what else `lifecycle` allows."""
        if action not in {known.value for known in lifecycle.Action}:
            raise RefusedError(f"no such action: {action[:40]!r}; possible: {', '.join(lifecycle.Action)}")
        request = lifecycle.Request(lifecycle.Action(action), caller.name, owner, note)
        moved = await self.store.write(lambda c: ledger.move(c, alert, request, self.clock.wall_ns()))
        self.alerts_changed()
        return shape.as_json(moved)
