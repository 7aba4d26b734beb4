# SPDX-License-Identifier: Apache-2.0
"""What becomes of the agents of a unit that ended and that nothing follows: they are parked.

A parked agent may not connect and its certificate is not renewed, so it lapses within its lifetime; it is told why. Its
tokens expire. Nothing is deleted: when the registry is corrected and the unit has a successor after all, its agents go
on without enrolling anew. `enrol revoke` is the end for good.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from giamsat_collector.enrol import agents, tokens
from giamsat_collector.enrol.agents import AllowList, Enrolled
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

ENDED: Final = "its unit ended"


def why(unit: str, last_day: str) -> str:
    """What a parked agent is told."""
    return f"{ENDED}: {unit} stood until {last_day} and nothing follows it"


@dataclass(frozen=True, slots=True)
class Ending:
    """Parks agents and lets them go on. `gone` is the last day of each unit that ended without a successor.

    `unit_of` is the unit an agent belongs to now; `forget` is told of each agent that is not waited for any more.
    """

    store: Store
    allow_list: AllowList
    clock: Clock
    gone: Callable[[], Mapping[str, str]]
    unit_of: Callable[[Enrolled], str]
    forget: Callable[[str], None]

    async def look(self) -> None:
        """Hold the agents against the registry as it stands."""
        gone, now = self.gone(), self.clock.wall_ns()
        ended = {
            agent.id: why(unit, gone[unit])
            for agent in self.allow_list
            if (unit := self.unit_of(agent)) in gone and agent.refused is None
        }
        back = [
            agent
            for agent in self.allow_list
            if (agent.locked_why or "").startswith(ENDED) and self.unit_of(agent) not in gone
        ]

        def work(connection: Connection) -> None:
            tokens.withdraw_all(connection, gone, now)
            for agent, reason in ended.items():
                agents.lock(connection, agent, reason, now)
            for one in back:
                agents.loosen(connection, one.id, one.locked_why or "")

        if gone or back:
            await self.store.write(work)
        for agent in self.allow_list:
            if agent.id in ended:
                self.allow_list.keep(replace(agent, locked_ns=now, locked_why=ended[agent.id]))
                self.forget(agent.id)
        for one in back:
            self.allow_list.keep(replace(one, locked_ns=None, locked_why=None))
