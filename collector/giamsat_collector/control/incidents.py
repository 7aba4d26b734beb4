# SPDX-License-Identifier: Apache-2.0
"""Incidents for the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents import shape, wanted
from giamsat_collector.incidents.incident import State
from giamsat_collector.incidents.keeping import Incidents
from giamsat_collector.incidents.lifecycle import Action, Request
from giamsat_collector.preconditions import must_be_known
from giamsat_collector.sentence import Sentence


@dataclass(frozen=True, slots=True)
class IncidentsCommands:
    """Commands of the administration socket about incidents. Who did something is who the kernel says asks."""

    incidents: Incidents

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "incidents.check": self.check,
            "incidents.open": self.open,
            "incidents.list": self.listed,
            "incidents.show": self.show,
            "incidents.move": self.move,
        }

    async def check(self, caller: Caller, alerts: list[str], said: dict[str, Any], reason: str = "") -> None:
        """Whether an incident could be opened with what is said; nothing is."""
        self.incidents.drafted(said, alerts, caller.name, reason)

    async def open(self, caller: Caller, alerts: list[str], said: dict[str, Any], reason: str = "") -> dict[str, Any]:
        """Open an incident of alerts, or of what a person told."""
        return await self.show((await self.incidents.open(alerts, said, caller.name, reason)).number)

    async def listed(self, states: list[str]) -> dict[str, Any]:
        """Incidents, those first of which the next report is due."""
        for one in states:
            must_be_known(
                one, set(State), Sentence("state"), Sentence("the states are {names}", names=", ".join(State))
            )
        found, now_ns = await self.incidents.listed(list(map(State, states))), self.incidents.clock.wall_ns()
        return {"incidents": [shape.as_json(one, now_ns) for one in found.rows], "more": found.more}

    async def show(self, number: int) -> dict[str, Any]:
        """Everything about one."""
        return shape.as_full_json(await self.incidents.whole(number), self.incidents.clock.wall_ns())

    async def move(
        self,
        caller: Caller,
        number: int,
        action: str,
        *,
        note: str = "",
        said: dict[str, Any] | None = None,
        alerts: list[str] | None = None,
        report: str = "",
        document: str = "",
        at: str = "",
    ) -> dict[str, Any]:
        """Add alerts, change, note, record a report, close, and what else `lifecycle` allows."""
        if action not in set(Action):
            raise RefusedError(
                "no such action: {action!r}; possible: {names}", action=action[:40], names=", ".join(Action)
            )
        now_ns, zone = self.incidents.clock.wall_ns(), self.incidents.zone
        request = Request(
            action=Action(action),
            actor=caller.name,
            note=note,
            values=self.incidents.meant(said or {}),
            alerts=tuple(alerts or ()),
            report=wanted.report(report) if report else None,
            document=document,
            sent_ns=wanted.past(at, zone, now_ns) if at else now_ns,
        )
        await self.incidents.move(number, request)
        return await self.show(number)
