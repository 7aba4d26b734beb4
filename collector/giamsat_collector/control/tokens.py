# SPDX-License-Identifier: Apache-2.0
"""What an administrator can have done about enrolment tokens: one, or a letter for each unit; agreed to, withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection

from giamsat_collector.control.caller import Caller
from giamsat_collector.control.server import Command
from giamsat_collector.enrol import tokens
from giamsat_collector.enrol.agreement import Agreements, Waiting
from giamsat_collector.enrol.signer import Signer
from giamsat_collector.enrol.tokens import Issued
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import instant
from giamsat_collector.registry import rows
from giamsat_collector.registry.history import Kind
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

UNITS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Terms:
    """For how many hosts tokens are, how long, from which networks, and who issues them when."""

    uses: int
    lifetime_ns: int
    networks: Sequence[str]
    by: str
    now_ns: int

    @property
    def said(self) -> dict[str, Any]:
        """As who asked for them is told."""
        return {"uses": self.uses, "expires": instant(self.now_ns + self.lifetime_ns)}


@dataclass(frozen=True, slots=True)
class TokensCommands:
    """Commands of the administration socket that are about tokens; hosts redeem them at `address`."""

    store: Store
    clock: Clock
    registry: Registry
    signer: Signer
    address: str
    agreements: Agreements
    two_persons_from_level: int

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "enrol.issue": self.issue,
            "enrol.letters": self.letters,
            "enrol.withdraw": self.withdraw,
            "enrol.waiting": self.waiting,
            "enrol.agree": self.agree,
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
        terms, two = self._terms(caller, uses, expires, networks), self._two_persons(unit, system)
        if two:
            _must_be_known(caller)
        token = await self.store.write(lambda connection: self._token(connection, unit, system, terms))
        return {"token": token, "unit": unit, **terms.said, "address": self.address, "waits": two}

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
            raise RefusedError(
                "letters are made for 1 to {most} units at once, not {number}", most=UNITS_AT_ONCE, number=len(units)
            )
        waiting = [unit for unit in units if self._two_persons(unit, systems.get(unit))]
        if waiting:
            _must_be_known(caller)
        terms = self._terms(caller, uses, expires, networks)

        def work(connection: Connection) -> list[dict[str, str]]:
            names = {unit.id: unit.name for unit in rows.all_units(connection).values() if not unit.valid_to}
            unknown = [unit for unit in units if unit not in names]
            if unknown:
                raise RefusedError(
                    "{number} units are not in the registry, nothing was issued: {units}; 'giamsat-collector registry "
                    "units' shows those there are",
                    number=len(unknown),
                    units=", ".join(unknown[:10]),
                )
            token = partial(self._token, connection, terms=terms)
            return [{"unit": unit, "name": names[unit], "token": token(unit, systems.get(unit))} for unit in units]

        return {
            "issued": await self.store.write(work),
            "waiting": waiting,
            **terms.said,
            "address": self.address,
            "fingerprint": self.signer.trust.root_spki_sha256.hex(),
        }

    async def withdraw(self, token: str) -> None:
        """Let a token expire now; `token` is its id, the second part of its text."""
        now = self.clock.wall_ns()
        await self.store.write(lambda connection: tokens.withdraw(connection, token, now))

    async def waiting(self) -> list[dict[str, Any]]:
        """Tokens a second person has to agree to."""
        return [
            {
                "unit": one.unit,
                "name": self.registry.named(one.unit),
                **told(one),
            }
            for one in await self.agreements.waiting()
        ]

    async def agree(self, caller: Caller, tokens: Sequence[str]) -> list[dict[str, str]]:
        """A second person says yes to these tokens, named by the second part of their text: to all or to none."""
        _must_be_known(caller)
        agreed = await self.agreements.agree(tokens, caller.name)
        return [{"token": one.id, "unit": one.unit, "issued_by": one.created_by} for one in agreed]

    def _terms(self, caller: Caller, uses: int, expires: str, networks: Sequence[str]) -> _Terms:
        return _Terms(uses, tokens.lifetime_ns(expires), networks, caller.name, self.clock.wall_ns())

    def _token(self, connection: Connection, unit: str, system: str | None, terms: _Terms) -> str:
        rows.must_stand(connection, unit)
        if system is not None and not rows.exists(connection, Kind.SYSTEM, system):
            raise RefusedError(
                "no such system: {name}; 'giamsat-collector registry systems' shows those there are", name=system
            )
        return tokens.issue(
            connection,
            unit=unit,
            system=system,
            uses=terms.uses,
            lifetime_ns=terms.lifetime_ns,
            root_pin=self.signer.trust.root_spki_sha256,
            by=terms.by,
            now_ns=terms.now_ns,
            networks=terms.networks,
            two_persons=self._two_persons(unit, system),
        )

    def _two_persons(self, unit: str, system: str | None) -> bool:
        """Whether a token is for a system of a high level; without a system, for a unit that has one."""
        known = self.registry.systems.values()
        meant = [one for one in known if (one.id == system if system is not None else one.unit == unit)]
        return any(one.level >= self.two_persons_from_level for one in meant)


def told(one: Waiting | Issued) -> dict[str, Any]:
    """A token that still counts, or waits, as JSON; never its secret."""
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
