# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done about enrolment: tokens, letters, agents, and how far the province is."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.enrol import agents, progress, tokens
from giamsat_collector.enrol.agents import AllowList
from giamsat_collector.enrol.agreement import Agreements, Waiting
from giamsat_collector.enrol.carried import Carried
from giamsat_collector.enrol.signer import Signer
from giamsat_collector.enrol.tokens import Issued
from giamsat_collector.errors import RefusedError
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.registry import rows
from giamsat_collector.registry.history import Kind
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_collector.timing import instant
from giamsat_wire.clock import Clock
from giamsat_wire.enrolment_file import FILE_BYTES

log = structlog.get_logger()

UNITS_AT_ONCE: Final = 2_000


@dataclass(slots=True)
class Enrolling:
    """Commands of the administration socket that are about enrolment."""

    store: Store
    clock: Clock
    registry: Registry
    fleet: Fleet
    pages: HostPages
    signer: Signer
    allow_list: AllowList
    address: str
    carried: Carried
    agreements: Agreements
    two_persons_from_level: int

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "enrol.issue": self.issue,
            "enrol.carried": self.take,
            "enrol.letters": self.letters,
            "enrol.withdraw": self.withdraw,
            "enrol.waiting": self.waiting,
            "enrol.agree": self.agree,
            "enrol.agents": self.agents,
            "enrol.status": self.status,
            "enrol.revoke": self.revoke,
            "enrol.recover": self.recover,
        }

    async def issue(
        self,
        caller: Caller,
        unit: str,
        system: str | None,
        *,
        uses: int,
        expires: str,
        networks: Sequence[str] = (),
    ) -> dict[str, Any]:
        """A new token; at the high levels it counts once a second person agrees."""
        lifetime_ns, two = tokens.lifetime_ns(expires), self._two_persons(unit, system)
        now = self.clock.wall_ns()
        if two:
            _must_be_known(caller)

        def work(connection: Connection) -> str:
            return self._token(
                connection,
                unit,
                system,
                uses=uses,
                lifetime_ns=lifetime_ns,
                by=caller.name,
                now=now,
                networks=networks,
            )

        token = await self.store.write(work)
        expires_at = instant(now + lifetime_ns)
        said = {"token": token, "unit": unit, "uses": uses, "expires": expires_at, "address": self.address}
        return {**said, "waits": two}

    async def waiting(self) -> list[dict[str, Any]]:
        """Tokens a second person has to agree to."""
        return [
            {
                "unit": one.unit,
                "name": self.registry.named(one.unit),
                **_told(one),
            }
            for one in await self.agreements.waiting()
        ]

    async def agree(self, caller: Caller, tokens: Sequence[str]) -> list[dict[str, str]]:
        """A second person says yes to these tokens, named by the second part of their text: to all or to none."""
        _must_be_known(caller)
        agreed = await self.agreements.agree(tokens, caller.name)
        return [{"token": one.id, "unit": one.unit, "issued_by": one.created_by} for one in agreed]

    async def take(self, request: str) -> dict[str, Any]:
        """Enrol a host whose request (base64) was carried here; the answer goes back to it."""
        try:
            data = base64.b64decode(request[: 2 * FILE_BYTES], validate=True)
        except (binascii.Error, ValueError) as error:
            raise RefusedError("the request is not base64") from error
        agent, answer = await self.carried.answer(data)
        said = {"agent": agent.id, "hostname": agent.hostname, "unit": agent.unit}
        return {**said, "answer": base64.b64encode(answer).decode()}

    async def letters(
        self,
        caller: Caller,
        units: Sequence[str],
        *,
        uses: int,
        expires: str,
        networks: Sequence[str] = (),
        systems: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """A new token for each of these units, for its system in `systems` if it has one: for all of them, or none."""
        if not 0 < len(units) <= UNITS_AT_ONCE:
            raise RefusedError(f"letters are made for 1 to {UNITS_AT_ONCE} units at once, not {len(units)}")
        waiting = [unit for unit in units if self._two_persons(unit, systems.get(unit))]
        if waiting:
            _must_be_known(caller)
        lifetime_ns = tokens.lifetime_ns(expires)
        now = self.clock.wall_ns()

        def work(connection: Connection) -> list[dict[str, str]]:
            known = {unit.id: unit for unit in rows.all_units(connection).values() if not unit.valid_to}
            unknown = [unit for unit in units if unit not in known]
            if unknown:
                raise RefusedError(
                    f"{len(unknown)} units are not in the registry, nothing was issued: {', '.join(unknown[:10])}; "
                    "'giamsat-collector registry units' shows those there are"
                )
            return [
                {
                    "unit": unit,
                    "name": known[unit].name,
                    "token": self._token(
                        connection,
                        unit,
                        systems.get(unit),
                        uses=uses,
                        lifetime_ns=lifetime_ns,
                        by=caller.name,
                        now=now,
                        networks=networks,
                    ),
                }
                for unit in units
            ]

        issued = await self.store.write(work)
        return {
            "issued": issued,
            "waiting": waiting,
            "uses": uses,
            "expires": instant(now + lifetime_ns),
            "address": self.address,
            "fingerprint": self.signer.trust.root_spki_sha256.hex(),
        }

    async def withdraw(self, token: str) -> None:
        """Let a token expire now; `token` is its id, the second part of its text."""
        now = self.clock.wall_ns()
        await self.store.write(lambda connection: tokens.withdraw(connection, token, now))

    async def agents(self) -> list[dict[str, Any]]:
        """Every enrolled host: where it stands and when it was last heard."""
        found = []
        for agent in self.allow_list:
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
                    "why": step.why,
                    "hosts": len(states.get(unit.id, ())),
                    "tokens": [_told(one) for one in issued.get(unit.id, ()) if one.usable(now)],
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

    def _token(
        self,
        connection: Connection,
        unit: str,
        system: str | None,
        *,
        uses: int,
        lifetime_ns: int,
        by: str,
        now: int,
        networks: Sequence[str],
    ) -> str:
        rows.must_stand(connection, unit)
        if system is not None and not rows.exists(connection, Kind.SYSTEM, system):
            raise RefusedError(f"no such system: {system}; 'giamsat-collector registry systems' shows them")
        return tokens.issue(
            connection,
            unit=unit,
            system=system,
            uses=uses,
            lifetime_ns=lifetime_ns,
            root_pin=self.signer.trust.root_spki_sha256,
            by=by,
            now_ns=now,
            networks=networks,
            two_persons=self._two_persons(unit, system),
        )

    def _two_persons(self, unit: str, system: str | None) -> bool:
        """Whether a token is for a system of a high level; without a system, for a unit that has one."""
        known = self.registry.systems.values()
        meant = [one for one in known if (one.id == system if system is not None else one.unit == unit)]
        return any(one.level >= self.two_persons_from_level for one in meant)


def _told(one: Waiting | Issued) -> dict[str, Any]:
    return {
        "token": one.id,
        "system": one.system,
        "uses": one.uses,
        "networks": one.networks.split(),
        "issued_by": one.created_by,
        "issued": instant(one.created_ns),
        "expires": instant(one.expires_ns),
    }


def _must_be_known(caller: Caller) -> None:
    if not caller.person:
        raise RefusedError(
            "a token for the high levels takes two people, and the system cannot tell which person asks; log in with "
            "an account of your own"
        )
