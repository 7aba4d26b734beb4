# SPDX-License-Identifier: Apache-2.0
"""Tokens for hosts of the high levels: one administrator issues them, another one says yes before they count."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Connection, Row, and_, select, update

from giamsat_collector.enrol import tokens as ledger
from giamsat_collector.enrol.tables import tokens
from giamsat_collector.errors import RefusedError
from giamsat_collector.own_host import ADMINISTERED
from giamsat_collector.preconditions import must_be_a_second
from giamsat_collector.sentence import Sentence
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

log = structlog.get_logger()

AT_ONCE: Final = 2_000
COMMAND: Final = "enrol.agree"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A token that does not count yet, without its secret. `networks` are those it is for; empty: any."""

    id: str
    unit: str
    system: str | None
    uses: int
    networks: str
    created_by: str
    created_ns: int
    expires_ns: int


def waiting(connection: Connection, now_ns: int) -> tuple[Waiting, ...]:
    """Every token that could be used if somebody agreed, oldest first."""
    wanted = select(tokens).where(_waits(now_ns)).order_by(tokens.c.created_ns, tokens.c.id)
    return tuple(map(_waiting, connection.execute(wanted)))


def agree(connection: Connection, token: str, person: str, now_ns: int) -> Waiting:
    """A second person says yes to a token: it counts from now on. What was waiting is returned.

    Raises:
        RefusedError: no such token waits, the person is the one who issued it, or nobody knows who that was.
    """
    row = connection.execute(select(tokens).where(tokens.c.id == token, _waits(now_ns))).first()
    if row is None:
        raise RefusedError(
            "no token {token} waits for anybody; 'giamsat-collector enrol waiting' shows which do", token=token[:16]
        )
    found = _waiting(row)
    must_be_a_second(
        person,
        found.created_by,
        Sentence("issued token {token}", token=token),
        Sentence("log in with an account of your own and issue it again"),
    )
    connection.execute(update(tokens).where(tokens.c.id == token).values(second=person[:64], agreed_ns=now_ns))
    return found


def _waits(now_ns: int) -> ColumnElement[bool]:
    return and_(tokens.c.two_persons, tokens.c.second.is_(None), tokens.c.expires_ns > now_ns)


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        id=row.id,
        unit=row.unit,
        system=row.system,
        uses=row.uses,
        networks=row.networks,
        created_by=row.created_by,
        created_ns=row.created_ns,
        expires_ns=row.expires_ns,
    )


@dataclass(frozen=True, slots=True)
class Agreements:
    """Lists, agrees and withdraws. `tell` has what was done judged like anything else that happens."""

    store: Store
    clock: Clock
    tell: Callable[[str, Mapping[str, str]], Awaitable[None]]

    async def waiting(self) -> tuple[Waiting, ...]:
        """Every token that waits for a second person."""
        now = self.clock.wall_ns()
        return await self.store.read(lambda connection: waiting(connection, now))

    async def agree(self, wanted: Sequence[str], person: str) -> tuple[Waiting, ...]:
        """A second person says yes to these tokens: to all of them, or to none.

        Raises:
            RefusedError: as for `agree`, or there are too many.
        """
        if not 0 < len(wanted) <= AT_ONCE:
            raise RefusedError(
                "one agrees to 1 to {most} tokens at once, not {number}", most=AT_ONCE, number=len(wanted)
            )
        now = self.clock.wall_ns()
        found = await self.store.write(lambda connection: [agree(connection, one, person, now) for one in wanted])
        for one in found:
            log.info("token_agreed", token=one.id, unit=one.unit, system=one.system, by=one.created_by, second=person)
        both = {"user.name": person, "user.target.name": ", ".join(sorted({one.created_by for one in found}))}
        await self.tell(ADMINISTERED, {"giamsat.command": COMMAND, **both})
        return tuple(found)

    async def withdraw(self, token: str, person: str) -> None:
        """Somebody says no: the token expires now.

        Raises:
            RefusedError: there is no such token that could still be used.
        """
        now = self.clock.wall_ns()
        await self.store.write(lambda connection: ledger.withdraw(connection, token, now))
        log.info("token_withdrawn", token=token[:16], by=person)
        await self.tell(ADMINISTERED, {"giamsat.command": "enrol.withdraw", "user.name": person})
