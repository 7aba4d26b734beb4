# SPDX-License-Identifier: Apache-2.0
"""One move for several alerts: each that can make it does, and none is passed over without being counted."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.lifecycle import Request
from giamsat_collector.alerts.search import Filter, conditions
from giamsat_collector.alerts.tables import alerts, changes
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


def every(connection: Connection, wanted: Filter, at_most: int, seen_ns: int) -> tuple[Seen, ...]:
    """What a filter finds, of so many at most one more, each as it was when somebody looked."""
    mine = changes.c.alert == alerts.c.id
    done = select(func.count()).where(mine, changes.c.at_ns > seen_ns).scalar_subquery()
    # Whatever was done with it later, be it that it came into the queue, makes it another than they looked at.
    seen = select(alerts.c.id, alerts.c.revision - done)
    query = seen.where(*conditions(wanted)).order_by(alerts.c.id).limit(at_most + 1)
    return tuple(Seen(*row) for row in connection.execute(query))
