# SPDX-License-Identifier: Apache-2.0
"""The parts of a collector, opened from its configuration and tied together. Nothing here listens or runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from giamsat_collector import data_folder
from giamsat_collector.agent_endpoints import AgentEndpoints, tied
from giamsat_collector.archive.folder import Archive
from giamsat_collector.archive.keeping import Keeper
from giamsat_collector.availability.current import Current
from giamsat_collector.backup.standing import Standing
from giamsat_collector.clock_trust import ClockTrust
from giamsat_collector.config import Config
from giamsat_collector.console.broadcast import News
from giamsat_collector.console.passwords import Passwords
from giamsat_collector.coverage.completeness import Ledger
from giamsat_collector.coverage.daily import Daily
from giamsat_collector.coverage.gather import Coverage
from giamsat_collector.coverage.seal import open_seal
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.enrol.authority import Authority, open_authority, started
from giamsat_collector.enrol.ending import Ending
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.incidents.keeping import Incidents
from giamsat_collector.indicators.lists import Lists
from giamsat_collector.ingest import frames
from giamsat_collector.judge import Judge
from giamsat_collector.migrate import bring_up_to_date
from giamsat_collector.notifiers import targets
from giamsat_collector.notifying.delivery import Telling
from giamsat_collector.own_host import SELF
from giamsat_collector.pipeline import Pipeline
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.reports.generator import Reports
from giamsat_collector.reports.overrides import eased
from giamsat_collector.rulebook import opening
from giamsat_collector.rulebook.opening import Opened
from giamsat_collector.rulebook.rulebook import Rulebook
from giamsat_collector.sightings import vendor
from giamsat_collector.sightings.watching import SightedHosts
from giamsat_collector.store import Store
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_collector.suppressing.keeping import Keeping
from giamsat_rules.engine import Engine
from giamsat_rules.guard import Timing
from giamsat_rules.obligation import retention_days
from giamsat_wire.clock import Clock
from giamsat_wire.supervision import Supervisor


@dataclass(slots=True)
class Parts:
    """Everything a collector consists of, but for its servers."""

    config: Config
    clock: Clock
    folder: Path
    store: Store
    authority: Authority
    registry: Registry
    fleet: Fleet
    pages: HostPages
    rules: Opened
    endpoints: AgentEndpoints
    pipeline: Pipeline
    news: News
    supervisor: Supervisor
    coverage: Coverage
    archive: Archive
    keeper: Keeper
    backups: Standing
    clock_trust: ClockTrust
    settled_ns: int
    daily: Daily
    reports: Reports
    ledger: Ledger
    suppressions: Keeping
    incidents: Incidents
    lists: Lists
    available: Current
    sighted: SightedHosts
    ending: Ending
    telling: Telling
    passwords: Passwords

    async def turn_of_the_day(self) -> None:
        """Let what the registry was told of a later day stand once that day has come, not by a leap of the clock."""
        if self.clock_trust.doubted:
            return
        now, since = self.clock.wall_ns(), self.settled_ns
        if await self.store.write(lambda connection: fact_ledger.settle(connection, since, now)):
            await self.registry.follow(self.store)
            await self.ending.look()
        self.settled_ns = now

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, config: Config, clock: Clock) -> AsyncIterator["Parts"]:
        """Everything loaded, nothing listening yet; let go of at the end, as is what was open when the rest fails.

        Raises:
            StartError: the data folder, the database, the authority or the rules cannot be opened.
        """
        async with contextlib.AsyncExitStack() as held:
            yield await cls._tied(config, clock, held)

    @classmethod
    async def _tied(cls, config: Config, clock: Clock, held: contextlib.AsyncExitStack) -> "Parts":
        folder, zone = data_folder.made(Path(config.data)), config.console.zone
        database = folder / "giamsat.db"
        bring_up_to_date(database)
        store = SqliteStore(database)
        held.push_async_callback(store.close)
        registry = Registry(lambda name: name in force.book.standards.packs)  # the rules in force are opened below
        fleet, pages = Fleet(clock), HostPages()
        news, supervisor = News(), Supervisor(clock)

        def judging(book: Rulebook) -> Judge:
            return Judge(Engine(book.rules, book.standards, timing=Timing(clock.mono_ns)), registry, pages, fleet)

        signer = await held.enter_async_context(started(folder, config.authority))
        rules = opening.opened(config.rules, folder / "rules", zone, judging)
        judge, force = rules.judge, rules.force
        authority = await open_authority(folder, config.authority, signer)
        endpoints = tied(
            store=store,
            authority=authority,
            registry=registry,
            fleet=fleet,
            clock=clock,
            lag_ns=lambda: pipeline.figures.waited_ns,
        )
        allow_list, notices = endpoints.allow_list, endpoints.notices
        books = Books(endpoints.ingest.waiting)
        pipeline = Pipeline(
            store=store,
            judge=judge,
            books=books,
            registry=registry,
            notices=notices,
            clock=clock,
            tail=endpoints.intake.tail,
            recorded=news.publish,
            alive=supervisor.alive,
        )
        archive = Archive(folder / "archive")
        keeper = Keeper(
            store=store,
            archive=archive,
            level=registry.level,
            clock=clock,
            owed=lambda: retention_days(force.book.obligations),
            least=config.retention.event_days,
            risen=registry.risen,
        )
        coverage = Coverage(registry, fleet, pages, judge, books, allow_list, force, archive, clock)
        daily = Daily(store, coverage, open_seal(folder / "statement.key"), zone)
        reports = Reports(
            store, clock, daily.at_end_of, lambda: force.book.obligations, zone, partial(eased, force, registry)
        )
        for load in (registry.load, fleet.load, allow_list.load):
            await store.read(load)
        suppressions, lists, incidents = (
            Keeping(store, clock, lambda: force.suppressions),
            Lists(store, clock, judge.indicators, partial(notices.saw, SELF)),
            Incidents(store, clock, zone, registry, news.publish),
        )
        await asyncio.gather(suppressions.load(), lists.load(), incidents.load())
        ending = Ending(
            store=store,
            allow_list=allow_list,
            clock=clock,
            gone=lambda: {one.id: one.valid_to for one in registry.gone.values()},
            unit_of=lambda agent: registry.unit(agent.id) or registry.heir(agent.unit),
            forget=fleet.forget,
        )
        await ending.look()
        parts = cls(
            config=config,
            clock=clock,
            folder=folder,
            store=store,
            authority=authority,
            registry=registry,
            fleet=fleet,
            pages=pages,
            rules=rules,
            endpoints=endpoints,
            pipeline=pipeline,
            news=news,
            supervisor=supervisor,
            coverage=coverage,
            archive=archive,
            keeper=keeper,
            backups=Standing(folder, clock.wall_ns()),
            clock_trust=ClockTrust(clock, await store.read(frames.newest_ns)),
            settled_ns=0,
            daily=daily,
            reports=reports,
            ledger=Ledger(store, endpoints.ingest, pages, books, clock),
            suppressions=suppressions,
            incidents=incidents,
            lists=lists,
            available=Current(store, clock, zone),
            sighted=SightedHosts(
                store=store,
                registry=registry,
                allow_list=allow_list,
                pages=pages,
                vendors=vendor.read(),
                clock=clock,
            ),
            ending=ending,
            telling=Telling(store, registry, targets(config), partial(_address, config), clock.wall_ns),
            passwords=Passwords(),
        )
        await parts.turn_of_the_day()
        return parts


def _address(config: Config, alert: str) -> str:
    """Where the console shows an alert."""
    name = config.listen.names[0]
    return f"https://{f'[{name}]' if ':' in name else name}:{config.listen.console}/alerts/{alert}"
