# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done about hosts that enrol: how far the province is, and who may connect no more."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.control.tokens import told
from giamsat_collector.enrol import agents, progress, tokens
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.carried import Carried
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_collector.vietnamese import in_both
from giamsat_wire.clock import Clock
from giamsat_wire.enrolment_file import FILE_BYTES

log = structlog.get_logger()

SLICE: Final = 20
"""Hosts whose series are counted before other work of the event loop gets its turn."""


@dataclass(slots=True)
class EnrolCommands:
    """Commands of the administration socket that are about hosts and their certificates."""

    store: Store
    clock: Clock
    registry: Registry
    fleet: Fleet
    pages: HostPages
    allow_list: AllowList
    carried: Carried

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "enrol.carried": self.take,
            "enrol.agents": self.agents,
            "enrol.status": self.status,
            "enrol.revoke": self.revoke,
            "enrol.recover": self.recover,
        }

    async def take(self, request: str) -> dict[str, Any]:
        """Enrol a host whose request (base64) was carried here; the answer goes back to it."""
        try:
            data = base64.b64decode(request[: 2 * FILE_BYTES], validate=True)
        except (binascii.Error, ValueError) as error:
            raise RefusedError("the request is not base64") from error
        agent, answer = await self.carried.answer(data)
        said = {"agent": agent.id, "hostname": agent.hostname, "unit": agent.unit}
        return {**said, "answer": base64.b64encode(answer).decode()}

    async def agents(self) -> list[dict[str, Any]]:
        """Every enrolled host: where it stands and when it was last heard."""
        found = []
        for number, agent in enumerate(self.allow_list, 1):
            if number % SLICE == 0:
                await asyncio.sleep(0)
            contact = self.fleet.contact(agent.id)
            found.append(
                {
                    "id": agent.id,
                    "hostname": contact.hostname if contact else agent.hostname,
                    "unit": self.registry.unit(agent.id) or agent.unit,
                    "level": self.registry.level(agent.id),
                    "state": self.fleet.state(agent),
                    "heard": instant(contact.heard_ns) if contact else None,
                    "version": contact.version if contact else None,
                    "series": self.pages.series(agent.id),
                    "certificate_expires": instant((agent.pending or agent.current).expires_ns),
                    "refused": agent.refused,
                }
            )
        return found

    async def status(self) -> list[dict[str, Any]]:
        """How far each unit is, what it is waiting for, and the tokens that can still be used there."""
        now = self.clock.wall_ns()
        issued = await self.store.read(tokens.every)
        states: dict[str, list[str]] = {}
        for agent in self.allow_list:
            unit_now = self.registry.unit(agent.id) or agent.unit
            states.setdefault(unit_now, []).append(self.fleet.state(agent))
        found = []
        for unit in self.registry.units.values():
            step = progress.of(issued.get(unit.id, ()), states.get(unit.id, ()), now)
            found.append(
                {
                    "unit": unit.id,
                    "name": unit.name,
                    "kind": unit.kind.value,
                    "parent": unit.parent,
                    "state": step.state.value,
                    "why": in_both(step.why),
                    "hosts": len(states.get(unit.id, ())),
                    "tokens": [told(one) for one in issued.get(unit.id, ()) if one.usable(now)],
                }
            )
        return found

    async def recover(self, caller: Caller, agent: str) -> None:
        """Let an agent that was recovered too often replace its expired certificate once more."""
        kept = await self.store.write(lambda connection: agents.allow_recovery(connection, agent))
        self.allow_list.keep(kept)
        log.info("recovery_allowed", agent=agent, actor=caller.name)

    async def revoke(self, caller: Caller, agent: str, why: str) -> None:
        """Never let an agent connect again; its streams are cut now."""
        reason = f"{why} ({caller.name})"
        now = self.clock.wall_ns()
        await self.store.write(lambda c: agents.revoke(c, agent, reason, now))
        self.allow_list.expel(agent, reason, now)
