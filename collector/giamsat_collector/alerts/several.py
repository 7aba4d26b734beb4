# SPDX-License-Identifier: Apache-2.0
"""One move for several alerts: each that can make it does, and none is passed over without being counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.lifecycle import Request
from giamsat_collector.alerts.search import Filter, conditions
from giamsat_collector.alerts.tables import alerts
from giamsat_collector.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Seen:
    """An alert that somebody chose, and the revision they were looking at, if they looked at it."""

    alert: str
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many alerts were moved, and how many stay as they are: somebody else changed them, or it is not possible."""

    moved: int = 0
    left: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.moved + other.moved, self.left + other.left)


def move(connection: Connection, chosen: Iterable[Seen], request: Request, now_ns: int) -> Outcome:
    """Do with each what somebody asks for."""
    found = Outcome()
    for one in chosen:
        try:
            ledger.move(connection, one.alert, replace(request, revision=one.revision), now_ns)
        except RefusedError:
            found += Outcome(left=1)
        else:
            found += Outcome(moved=1)
    return found


def every(connection: Connection, wanted: Filter, at_most: int) -> tuple[Seen, ...]:
    """What a filter finds, of so many at most one more."""
    query = select(alerts.c.id).where(*conditions(wanted)).order_by(alerts.c.id).limit(at_most + 1)
    return tuple(map(Seen, connection.scalars(query)))
