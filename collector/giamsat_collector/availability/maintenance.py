# SPDX-License-Identifier: Apache-2.0
"""Maintenance that people declare: its time counts neither for nor against a system, and alerts of it wait apart.

Nothing is ever deleted.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import Connection, insert, select, update

from giamsat_collector.availability.tables import maintenances
from giamsat_collector.errors import RefusedError
from giamsat_collector.event_time import nanoseconds
from giamsat_collector.preconditions import must_be_a_second
from giamsat_collector.sentence import Sentence
from giamsat_wire.clock import SECOND_NS

LONGEST_NS: Final = 31 * 86_400 * SECOND_NS
TWO_PERSONS: Final = 4
"""From this level on nothing waits apart before a second person agrees; unclassified counts as the highest."""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One declaration. `at_ns` is when it was made, `withdrawn_by` who took it back, `second` who agreed to it."""

    id: int
    system: str
    from_ns: int
    to_ns: int
    reason: str
    author: str
    at_ns: int
    withdrawn_ns: int | None
    withdrawn_by: str | None
    second: str | None = None
    agreed_ns: int | None = None

    @property
    def in_advance(self) -> bool:
        """Whether it was declared before it began."""
        return self.at_ns <= self.from_ns

    def silences(self, level: int | None, at_ns: int) -> bool:
        """Whether an alert about its system at a time waits apart; at the high levels once a second person agreed."""
        low = level is not None and level < TWO_PERSONS
        return self.from_ns <= at_ns < self.to_ns and (low or self.second is not None)


def moment(text: str, zone: tzinfo) -> int:
    """A time as people write it, in UNIX nanoseconds; without an offset it is one of the collector's zone.

    Raises:
        RefusedError: it is none.
    """
    try:
        at = datetime.fromisoformat(text)
        return nanoseconds(at if at.tzinfo else at.replace(tzinfo=zone))
    except ValueError as error:
        raise RefusedError("{text!r} is no time; write it as 2026-10-05T22:00", text=text[:40]) from error


def declare(
    connection: Connection, system: str, from_ns: int, to_ns: int, *, reason: str, author: str, at_ns: int
) -> None:
    """Keep a declaration for a system that there is.

    Raises:
        RefusedError: it ends before it begins, takes longer than a month, or says no reason.
    """
    if not 0 < to_ns - from_ns <= LONGEST_NS:
        raise RefusedError("a maintenance ends after it begins and takes 31 days at most; look at --from and --to")
    if not reason.strip():
        raise RefusedError("a maintenance needs a reason; give it with --reason")
    row = {"system": system, "from_ns": from_ns, "to_ns": to_ns, "reason": reason.strip()[:500]}
    connection.execute(insert(maintenances).values(**row, author=author[:64], at_ns=at_ns))


def withdraw(connection: Connection, number: int, *, author: str, at_ns: int) -> None:
    """Take a declaration back; it stays readable.

    Raises:
        RefusedError: there is none of that number, or it was taken back already.
    """
    this = (maintenances.c.id == number) & maintenances.c.withdrawn_ns.is_(None)
    if not connection.execute(
        update(maintenances).where(this).values(withdrawn_ns=at_ns, withdrawn_by=author[:64])
    ).rowcount:
        raise RefusedError(
            "no maintenance {number} is in force; 'availability maintenance list' shows those there are", number=number
        )


def agree(connection: Connection, number: int, *, person: str, at_ns: int) -> None:
    """A second person says yes: alerts of systems of the high levels wait apart, too, from now on.

    Raises:
        RefusedError: there is none in force, somebody agreed already, the person is the one who declared it, or
            nobody knows who that was.
    """
    row = connection.execute(select(maintenances).where(maintenances.c.id == number)).first()
    if row is None or row.withdrawn_ns is not None or row.to_ns <= at_ns:
        raise RefusedError(
            "no maintenance {number} is in force; 'availability maintenance list' shows those there are", number=number
        )
    if row.second is not None:
        raise RefusedError("{second} has agreed to maintenance {number} already", second=row.second, number=number)
    must_be_a_second(
        person,
        row.author,
        Sentence("declared maintenance {number}", number=number),
        Sentence("log in with an account of your own and declare it again"),
    )
    values = {"second": person[:64], "agreed_ns": at_ns}
    connection.execute(update(maintenances).where(maintenances.c.id == number).values(**values))


def standing(connection: Connection, since_ns: int) -> tuple[Maintenance, ...]:
    """Every declaration that was not withdrawn and ends after a time."""
    wanted = maintenances.c.withdrawn_ns.is_(None) & (maintenances.c.to_ns > since_ns)
    rows = connection.execute(select(maintenances).where(wanted).order_by(maintenances.c.id))
    return tuple(Maintenance(**row._mapping) for row in rows)  # noqa: SLF001 - SQLAlchemy's name for it


def between(connection: Connection, from_ns: int, to_ns: int) -> tuple[Maintenance, ...]:
    """Every declaration that touches a time, withdrawn ones as well, in order."""
    touching = (maintenances.c.from_ns < to_ns) & (maintenances.c.to_ns > from_ns)
    rows = connection.execute(select(maintenances).where(touching).order_by(maintenances.c.from_ns, maintenances.c.id))
    return tuple(Maintenance(**row._mapping) for row in rows)  # noqa: SLF001 - SQLAlchemy's name for it
