# SPDX-License-Identifier: Apache-2.0
"""Everything the console needs of the collector, handed to it once."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from giamsat_collector.console.attempts import Attempts
from giamsat_collector.console.broadcast import News
from giamsat_collector.console.host import Hosts
from giamsat_collector.console.passwords import Passwords
from giamsat_collector.console.sessions import Lifetime
from giamsat_collector.coverage.completeness import Completeness
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.coverage.statement import Statement
from giamsat_collector.enrol.agreement import Agreements
from giamsat_collector.incidents.keeping import Incidents
from giamsat_collector.indicators.lists import Lists
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.own_host import ADMINISTERED
from giamsat_collector.registry.amendment import Amending
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.reports.generator import Reports
from giamsat_collector.sightings.watching import SightedHosts
from giamsat_collector.store import Store
from giamsat_collector.suppressing.keeping import Keeping
from giamsat_rules.rule import Header
from giamsat_rules.standards import Standards
from giamsat_wire.clock import Clock
from giamsat_wire.record import Sample


@dataclass(frozen=True, slots=True)
class Services:
    """What the console stands on. `rule` is the header of a rule in force by its name, `standards` what measures.

    `archived` yields the frames of events that arrived in a span of time, and reads files: not for the event loop.
    `draw` makes a secret of 256 bits, `tell` has something that happened here judged by the rules, `coverage` makes a
    statement of how every system stands now, `samples` is what is fresh of a host.
    """

    store: Store
    registry: Registry
    hosts: Hosts
    news: News
    clock: Clock
    zone: tzinfo
    draw: Callable[[], str]
    tell: Callable[[str, Mapping[str, str]], Awaitable[None]]
    coverage: Callable[[], Awaitable[Statement]]
    reports: Reports
    books: Books
    completeness: Callable[[str], Awaitable[Completeness]]
    archived: Callable[[int, int], Iterable[StoredFrame]]
    samples: Callable[[str], Sequence[Sample]]
    rule: Callable[[str], Header | None]
    standards: Callable[[], Standards]
    suppressions: Keeping
    incidents: Incidents
    lists: Lists
    agreements: Agreements
    sighted: SightedHosts
    amending: Amending
    passwords: Passwords
    lifetime: Lifetime = field(default_factory=Lifetime)
    attempts: Attempts = field(default_factory=Attempts)

    async def administered(self, command: str, user: str) -> None:
        """Somebody did in the console what `command` does on the command line: it is witnessed as that is."""
        await self.tell(ADMINISTERED, {"giamsat.command": command, "user.name": user})
