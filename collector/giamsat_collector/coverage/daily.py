# SPDX-License-Identifier: Apache-2.0
"""A statement for each day: how coverage stood when the day ended, signed, and chained to the one before.

A day on whose end nobody was there to look has none: the next statement says which day it follows.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy import Connection, insert, select

from giamsat_collector.coverage import declared
from giamsat_collector.coverage.declared import GENESIS, Declaration
from giamsat_collector.coverage.gather import Coverage
from giamsat_collector.coverage.seal import Seal
from giamsat_collector.coverage.tables import statements
from giamsat_collector.store import Store
from giamsat_wire.clock import SECOND_NS

LATEST: Final = timedelta(hours=1)
"""After the end of a day: what is seen later says nothing of that day."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement as it is kept."""

    day: str
    body: bytes
    signature: bytes

    @property
    def declaration(self) -> Declaration:
        """What it says."""
        return declared.read(self.body)[0]


def due(now: datetime, last: str) -> str | None:
    """The day whose statement is to be made now (a local time), when `last` is the newest day that has one."""
    ended = now.date() - timedelta(days=1)
    midnight = datetime.combine(now.date(), datetime.min.time(), now.tzinfo)
    day = ended.isoformat()
    return day if now - midnight <= LATEST and day > last else None


def newest(connection: Connection, up_to: str = "9999-12-31") -> Signed | None:
    """The newest statement not after a day."""
    query = select(statements).where(statements.c.day <= up_to).order_by(statements.c.day.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Signed(row.day, row.body, row.signature)


def of(connection: Connection, day: str) -> Signed | None:
    """The statement of a day."""
    found = newest(connection, day)
    return found if found is not None and found.day == day else None


def days(connection: Connection) -> list[str]:
    """Every day that has a statement."""
    return list(connection.scalars(select(statements.c.day).order_by(statements.c.day)))


def keep(connection: Connection, day: str, declaration: Declaration, seal: Seal) -> None:
    """Sign and keep the statement of a day that has none."""
    before = newest(connection)
    data = declared.body(
        day,
        declaration,
        before.day if before else "",
        declared.digest(before.body) if before else GENESIS,
    )
    connection.execute(insert(statements).values(day=day, body=data, signature=seal.sign(data)))


@dataclass(frozen=True, slots=True)
class Daily:
    """Makes the statements; a day is one of `zone`."""

    store: Store
    coverage: Coverage
    seal: Seal
    zone: tzinfo

    async def look(self) -> None:
        """Make yesterday's statement if it is time and there is none."""
        now = datetime.fromtimestamp(self.coverage.clock.wall_ns() / SECOND_NS, self.zone)
        last = await self.store.read(newest)
        day = due(now, last.day if last else "")
        if day is not None:
            midnight = datetime.combine(now.date(), datetime.min.time(), self.zone)
            declaration = await self.now(int(midnight.timestamp()) * SECOND_NS - 1)
            await self.store.write(lambda connection: keep(connection, day, declaration, self.seal))

    async def now(self, signed_ns: int | None = None) -> Declaration:
        """How everything stands; `signed_ns` is of when documents count, if not of now."""
        registry = self.coverage.registry
        names = {one.unit: registry.named(one.unit) for one in registry.systems.values()}
        return declared.declare(await self.coverage.now(self.store, signed_ns), registry.systems, names)

    async def at_end_of(self, day: date) -> Declaration | None:
        """How everything stood when a day ended, stands if it has not; None when nobody knows."""
        today = datetime.fromtimestamp(self.coverage.clock.wall_ns() / SECOND_NS, self.zone).date()
        if day >= today:
            return await self.now()
        found = await self.store.read(lambda connection: of(connection, day.isoformat()))
        return found.declaration if found else None
