# SPDX-License-Identifier: Apache-2.0
"""The agents that were enrolled, and the list of those that may connect, kept in memory beside the rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from giamsat_collector.enrol.tables import agents
from giamsat_collector.errors import RefusedError

RECOVERIES: Final = 3


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An agent: who it is by certificate, and what its host said of itself when it was enrolled."""

    id: str
    unit: str
    token: str
    hostname: str
    machine_id: str
    os: str
    spki_sha256: bytes
    bound_spki_sha256: bytes
    serial: str
    chain_pem: bytes
    enrolled_ns: int
    revoked_ns: int | None = None
    revoked_why: str | None = None


def add(connection: Connection, agent: Enrolled) -> None:
    """Write down a new agent; its keys must never have been seen before (the table refuses them)."""
    connection.execute(
        insert(agents).values(
            id=agent.id,
            unit=agent.unit,
            token=agent.token,
            hostname=agent.hostname,
            machine_id=agent.machine_id,
            os=agent.os,
            spki_sha256=agent.spki_sha256,
            bound_spki_sha256=agent.bound_spki_sha256,
            serial=agent.serial,
            chain_pem=agent.chain_pem,
            generation=1,
            recovery_left=RECOVERIES,
            enrolled_ns=agent.enrolled_ns,
        )
    )


def every(connection: Connection) -> dict[str, Enrolled]:
    """Every agent by id, revoked ones included."""
    return {row.id: _enrolled(row) for row in connection.execute(select(agents))}


def with_key(connection: Connection, spki_sha256: bytes) -> Enrolled | None:
    """The agent that was enrolled with this key."""
    row = connection.execute(select(agents).where(agents.c.spki_sha256 == spki_sha256)).first()
    return None if row is None else _enrolled(row)


def revoke(connection: Connection, agent_id: str, why: str, now_ns: int) -> None:
    """Never let an agent connect again.

    Raises:
        RefusedError: there is no such agent, or it is revoked already.
    """
    gone = connection.execute(
        update(agents)
        .where(agents.c.id == agent_id, agents.c.revoked_ns.is_(None))
        .values(revoked_ns=now_ns, revoked_why=why[:200])
    ).rowcount
    if not gone:
        raise RefusedError(f"no agent {agent_id[:40]} to revoke; 'giamsat-collector enrol agents' shows them")


class AllowList:
    """Who may connect now. `on_revoked` is told the agent and the reason at once."""

    def __init__(self, on_revoked: Callable[[str, str], None]) -> None:
        self._agents: dict[str, Enrolled] = {}
        self._on_revoked = on_revoked

    def load(self, connection: Connection) -> None:
        """Take over what the database holds."""
        self._agents = every(connection)

    def admit(self, agent: Enrolled) -> None:
        """A new agent may connect."""
        self._agents[agent.id] = agent

    def expel(self, agent_id: str, why: str, now_ns: int) -> None:
        """An agent may not connect any more."""
        known = self._agents.get(agent_id)
        if known is not None:
            self._agents[agent_id] = replace(known, revoked_ns=now_ns, revoked_why=why)
        self._on_revoked(agent_id, why)

    def find(self, agent_id: str) -> Enrolled | None:
        """One agent, revoked or not."""
        return self._agents.get(agent_id)

    def __iter__(self) -> Iterator[Enrolled]:
        return iter(tuple(self._agents.values()))


def _enrolled(row: Row[Any]) -> Enrolled:
    return Enrolled(
        row.id,
        row.unit,
        row.token,
        row.hostname,
        row.machine_id,
        row.os,
        row.spki_sha256,
        row.bound_spki_sha256,
        row.serial,
        row.chain_pem,
        row.enrolled_ns,
        row.revoked_ns,
        row.revoked_why,
    )
