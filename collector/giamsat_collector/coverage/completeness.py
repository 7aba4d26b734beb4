# SPDX-License-Identifier: Apache-2.0
"""Whether what is known of a host is all there was: so that "no alert" is told apart from "no data".

Hours are read from the frames that are kept; what an agent produced, what it still holds and what it gave up comes from
its heartbeats and its own counters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, func, select

from giamsat_collector.alerts.tables import alerts
from giamsat_collector.coverage import minute_rows
from giamsat_collector.coverage.source_minutes import Books, Minute
from giamsat_collector.coverage.sources import Source
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.ingest import minutes
from giamsat_collector.ingest.conservation import Waiting
from giamsat_collector.ingest.minutes import HOUR_NS, MINUTE_NS, Hour
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.registry.tables import assets
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock

HOURS: Final = 24
MOST_HOURS: Final = 72
EDGE_MINUTES: Final = 1
"""Minutes at the ends of an hour that frames may miss although nothing is lacking."""
COUNTERS: Final = "giamsat_agent_"


class Data(StrEnum):
    """How much of an hour is known."""

    FULL = "full"
    PARTLY = "partly"
    NONE = "none"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Line:
    """An hour: what came, of how many minutes something was to come, and the alerts that began in it."""

    hour: Hour
    data: Data
    owed_minutes: int
    alerts: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """A host's hours, newest first; what waits at the agent by lane; its sources; its counters.

    `sources` are as they are now, `totals` what became of each over those hours, `minutes` each minute of each source
    in which something did, oldest first.
    """

    asset: str
    now_ns: int
    lines: tuple[Line, ...]
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    totals: Mapping[str, Minute] = field(default_factory=dict)
    minutes: tuple[Minute, ...] = ()
    counters: Mapping[str, float] = field(default_factory=dict)


def judged(hour: Hour, since_ns: int, now_ns: int) -> tuple[Data, int]:
    """How much of an hour is known, of a host known since a moment; and how many minutes that was to be."""
    first, last = max(hour.start_ns, since_ns), min(hour.start_ns + HOUR_NS, now_ns)
    owed = max(hour.minutes, (last - first) // MINUTE_NS)
    if hour.start_ns + HOUR_NS <= since_ns:
        return Data.BEFORE, 0
    if not hour.minutes:
        return Data.NONE, owed
    return (Data.FULL if hour.minutes + EDGE_MINUTES >= owed else Data.PARTLY), owed


@dataclass(frozen=True, slots=True)
class Ledger:
    """The parts completeness is read from."""

    store: Store
    ingest: IngestService
    pages: HostPages
    books: Books
    clock: Clock

    async def of(self, asset: str, hours: int = HOURS) -> Completeness:
        """What is known of a host and what is lacking, over its last hours."""
        now_ns = self.clock.wall_ns()
        since_ns = (now_ns // HOUR_NS - min(max(hours, 1), MOST_HOURS) + 1) * HOUR_NS
        lines = await self.store.read(lambda connection: _lines(connection, asset, since_ns, now_ns))
        kept = await self.store.read(lambda connection: minute_rows.of(connection, asset, since_ns // MINUTE_NS))
        there = {(one.minute, one.source) for one in kept}
        running = (one for one in self.books.running(asset) if (one.minute, one.source) not in there)
        minutes = (*kept, *running)
        return Completeness(
            asset=asset,
            now_ns=now_ns,
            lines=tuple(lines),
            waiting={lane.name.lower(): waits for lane, waits in self.ingest.waiting(asset).items()},
            sources=dict(self.books.of(asset)),
            totals=minute_rows.total(minutes),
            minutes=minutes,
            counters={
                " ".join((sample.name, *(value for _, value in sample.labels))): sample.value
                for sample in self.pages.samples(asset, now_ns)
                if sample.name.startswith(COUNTERS)
            },
        )


def _lines(connection: Connection, asset: str, since_ns: int, now_ns: int) -> Sequence[Line]:
    known_ns = connection.scalar(select(assets.c.since_ns).where(assets.c.id == asset)) or 0
    kept_ns = minutes.oldest(connection)
    from_ns = max(known_ns, now_ns if kept_ns is None else kept_ns)
    began = (alerts.c.first_ns // HOUR_NS).label("hour")
    theirs = alerts.c.asset == asset, alerts.c.first_ns >= since_ns
    raised = {
        row.hour: row.alerts
        for row in connection.execute(select(began, func.count().label("alerts")).where(*theirs).group_by(began))
    }
    found = minutes.hours(connection, asset, since_ns, now_ns + 1)
    return [
        Line(hour, *judged(hour, from_ns, now_ns), raised.get(hour.start_ns // HOUR_NS, 0)) for hour in reversed(found)
    ]
