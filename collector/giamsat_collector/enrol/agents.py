# SPDX-License-Identifier: Apache-2.0
"""The agents that were enrolled, and the list of those that may connect, kept in memory beside the rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from giamsat_collector.enrol.tables import agents, certificates
from giamsat_collector.errors import RefusedError

RECOVERIES: Final = 3
"""How often an expired certificate is replaced without an operator."""


@dataclass(frozen=True, slots=True)
class Certified:
    """One certificate of an agent: the nth it was given. Its key is never accepted for another one.

    With it went the roots of version `roots`; 0 when the agent keeps none but those it was enrolled with.
    """

    generation: int
    spki_sha256: bytes
    serial: str
    chain_pem: bytes
    issued_ns: int
    expires_ns: int
    roots: int = 0


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An agent: who it is by certificate, and what its host said of itself when it was enrolled.

    `pending` has been issued and not yet been used: its first use makes it `current` and ends the one before.
    """

    id: str
    unit: str
    token: str
    hostname: str
    machine_id: str
    os: str
    bound_spki_sha256: bytes
    enrolled_ns: int
    current: Certified
    pending: Certified | None = None
    recovery_left: int = RECOVERIES
    revoked_ns: int | None = None
    revoked_why: str | None = None
    locked_ns: int | None = None
    locked_why: str | None = None

    @property
    def refused(self) -> str | None:
        """Why this agent may not connect; None when it may."""
        if self.revoked_ns is not None:
            return f"revoked: {self.revoked_why}"
        if self.locked_ns is not None:
            return f"locked: {self.locked_why}"
        return None


def add(connection: Connection, agent: Enrolled) -> None:
    """Write down a new agent; its keys must never have been seen before (the tables refuse them)."""
    connection.execute(
        insert(agents).values(
            id=agent.id,
            unit=agent.unit,
            token=agent.token,
            hostname=agent.hostname,
            machine_id=agent.machine_id,
            os=agent.os,
            bound_spki_sha256=agent.bound_spki_sha256,
            generation=agent.current.generation,
            recovery_left=agent.recovery_left,
            enrolled_ns=agent.enrolled_ns,
        )
    )
    certify(connection, agent.id, agent.current)


def certify(connection: Connection, agent_id: str, certified: Certified) -> None:
    """Write down a certificate of an agent; its key must never have been seen before (the table refuses it)."""
    connection.execute(
        insert(certificates).values(
            agent=agent_id,
            generation=certified.generation,
            spki_sha256=certified.spki_sha256,
            serial=certified.serial,
            chain_pem=certified.chain_pem,
            issued_ns=certified.issued_ns,
            expires_ns=certified.expires_ns,
            roots=certified.roots,
        )
    )


def every(connection: Connection) -> dict[str, Enrolled]:
    """Every agent by id, revoked ones included."""
    issued: dict[str, dict[int, Certified]] = {}
    newest = select(certificates).join(agents, certificates.c.agent == agents.c.id)
    for row in connection.execute(newest.where(certificates.c.generation >= agents.c.generation)):
        issued.setdefault(row.agent, {})[row.generation] = _certified(row)
    return {row.id: _enrolled(row, issued[row.id]) for row in connection.execute(select(agents))}


def find(connection: Connection, agent_id: str) -> Enrolled | None:
    """One agent, revoked or not."""
    row = connection.execute(select(agents).where(agents.c.id == agent_id)).first()
    if row is None:
        return None
    issued = connection.execute(
        select(certificates).where(certificates.c.agent == agent_id, certificates.c.generation >= row.generation)
    )
    return _enrolled(row, {one.generation: _certified(one) for one in issued})


def with_key(connection: Connection, spki_sha256: bytes) -> Enrolled | None:
    """The agent that was ever given a certificate for this key."""
    owner = connection.scalar(select(certificates.c.agent).where(certificates.c.spki_sha256 == spki_sha256))
    return None if owner is None else find(connection, owner)


def confirm(connection: Connection, agent_id: str, generation: int) -> None:
    """The certificate of this generation has been used: it is the current one from now on."""
    connection.execute(
        update(agents).where(agents.c.id == agent_id, agents.c.generation < generation).values(generation=generation)
    )


def catch_up(connection: Connection, agent_id: str, certified: Certified) -> Enrolled:
    """Write down a certificate that is in use and was forgotten with what came after a backup.

    Raises:
        ValueError: the agent is unknown, or has a later one.
    """
    agent = find(connection, agent_id)
    if agent is None or certified.generation <= (agent.pending or agent.current).generation:
        raise ValueError(f"generation {certified.generation} of {agent_id} is none that was forgotten")
    certify(connection, agent_id, certified)
    confirm(connection, agent_id, certified.generation)
    return replace(agent, current=certified, pending=None)


def spend_recovery(connection: Connection, agent_id: str) -> None:
    """One replacement of an expired certificate less."""
    connection.execute(update(agents).where(agents.c.id == agent_id).values(recovery_left=agents.c.recovery_left - 1))


def allow_recovery(connection: Connection, agent_id: str) -> Enrolled:
    """Let an agent that has none left replace an expired certificate once more.

    Raises:
        RefusedError: there is no such agent, it may not connect, or it has some left.
    """
    agent = find(connection, agent_id)
    if agent is None:
        raise RefusedError("no agent {agent}; 'giamsat-collector enrol agents' shows them", agent=agent_id[:40])
    if agent.refused is not None:
        raise RefusedError(
            "{agent} may not connect at all: {why}; enrol its host anew", agent=agent_id, why=agent.refused
        )
    if agent.recovery_left > 0:
        raise RefusedError(
            "{agent} may still recover {number} times by itself; nothing was changed",
            agent=agent_id,
            number=agent.recovery_left,
        )
    connection.execute(update(agents).where(agents.c.id == agent_id).values(recovery_left=1))
    return replace(agent, recovery_left=1)


def lock(connection: Connection, agent_id: str, why: str, now_ns: int) -> None:
    """Let nobody connect as this agent until an operator has decided; a lock that stands is kept as it is."""
    connection.execute(
        update(agents)
        .where(agents.c.id == agent_id, agents.c.locked_ns.is_(None))
        .values(locked_ns=now_ns, locked_why=why[:200])
    )


def loosen(connection: Connection, agent_id: str, why: str) -> None:
    """Undo a lock that was made for this reason; any other stands."""
    connection.execute(
        update(agents)
        .where(agents.c.id == agent_id, agents.c.locked_why == why[:200])
        .values(locked_ns=None, locked_why=None)
    )


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
        raise RefusedError(
            "no agent {agent} to revoke; 'giamsat-collector enrol agents' shows them", agent=agent_id[:40]
        )


class AllowList:
    """Who may connect now. `on_refused` is told the agent and the reason at once when one no longer may."""

    def __init__(self, on_refused: Callable[[str, str], None]) -> None:
        self._agents: dict[str, Enrolled] = {}
        self._on_refused = on_refused

    def load(self, connection: Connection) -> None:
        """Take over what the database holds."""
        self._agents = every(connection)

    def keep(self, agent: Enrolled) -> None:
        """This is what is now true of an agent."""
        self._agents[agent.id] = agent
        if agent.refused is not None:
            self._on_refused(agent.id, agent.refused)

    def expel(self, agent_id: str, why: str, now_ns: int) -> None:
        """An agent may not connect any more."""
        known = self._agents.get(agent_id)
        if known is not None:
            self.keep(replace(known, revoked_ns=now_ns, revoked_why=why))

    def find(self, agent_id: str) -> Enrolled | None:
        """One agent, revoked or not."""
        return self._agents.get(agent_id)

    def __iter__(self) -> Iterator[Enrolled]:
        return iter(tuple(self._agents.values()))


def _certified(row: Row[Any]) -> Certified:
    return Certified(
        row.generation, row.spki_sha256, row.serial, row.chain_pem, row.issued_ns, row.expires_ns, row.roots
    )


def _enrolled(row: Row[Any], issued: Mapping[int, Certified]) -> Enrolled:
    return Enrolled(
        id=row.id,
        unit=row.unit,
        token=row.token,
        hostname=row.hostname,
        machine_id=row.machine_id,
        os=row.os,
        bound_spki_sha256=row.bound_spki_sha256,
        enrolled_ns=row.enrolled_ns,
        current=issued[row.generation],
        pending=issued.get(row.generation + 1),
        recovery_left=row.recovery_left,
        revoked_ns=row.revoked_ns,
        revoked_why=row.revoked_why,
        locked_ns=row.locked_ns,
        locked_why=row.locked_why,
    )
