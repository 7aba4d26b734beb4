# SPDX-License-Identifier: Apache-2.0
"""The parts of a collector, opened from its configuration and tied together. Nothing here listens or runs."""

import os
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection

from giamsat_collector.archive.folder import Archive
from giamsat_collector.archive.keeping import Keeper
from giamsat_collector.config import Config
from giamsat_collector.console.news import News
from giamsat_collector.coverage.gather import Coverage
from giamsat_collector.enrol.agents import AllowList, Enrolled
from giamsat_collector.enrol.authority import Authority, open_authority
from giamsat_collector.enrol.renewing import RenewalService, Renewing
from giamsat_collector.enrol.service import EnrolService
from giamsat_collector.errors import StartError
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest import peer
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.notices import SUPERSEDED, Notices
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.judge import Judge
from giamsat_collector.migrate import bring_up_to_date
from giamsat_collector.pipeline import Pipeline
from giamsat_collector.registry import rows
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_rules.engine import Engine
from giamsat_rules.level import LevelPack
from giamsat_rules.load import load_obligations, load_pack, load_rules, shipped
from giamsat_rules.obligation import Obligation, retention_days
from giamsat_rules.rule import RuleSet
from giamsat_wire.clock import Clock
from giamsat_wire.supervision import Supervisor

log = structlog.get_logger()


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
    rules: RuleSet
    engine: Engine
    judge: Judge
    intake: Intake
    ingest: IngestService
    pipeline: Pipeline
    allow_list: AllowList
    news: News
    enrolment: EnrolService
    renewal: RenewalService
    supervisor: Supervisor
    coverage: Coverage
    archive: Archive
    keeper: Keeper

    @classmethod
    async def open(cls, config: Config, clock: Clock) -> "Parts":
        """Everything loaded, nothing listening yet.

        Raises:
            StartError: the data folder, the database, the authority or the rules cannot be opened.
        """
        folder = _data_folder(Path(config.data))
        database = folder / "giamsat.db"
        bring_up_to_date(database)
        store = SqliteStore(database)
        registry, fleet, pages = Registry(), Fleet(clock), HostPages()
        news, supervisor = News(), Supervisor(clock)
        rules = _rules(config)
        pack = _pack(config)
        engine = Engine(rules, pack, mono_ns=clock.mono_ns)
        judge = Judge(engine, registry, pages, fleet)
        intake = Intake(store)
        allow_list = AllowList(lambda agent, why: service.cut(agent, why))  # noqa: PLW0108 - the service is made below
        authority = open_authority(folder / "ca", clock)
        notices = Notices(store, clock, intake.committed.set)
        renewing = Renewing(store=store, authority=authority, allow_list=allow_list, clock=clock, remark=notices.remark)
        caller = peer.of_call(
            allow_list.find, used=renewing.used, superseded=lambda agent: notices.saw(agent, SUPERSEDED)
        )
        service = IngestService(
            store=store, intake=intake, fleet=fleet, clock=clock, authenticate=caller, saw=notices.saw
        )
        enrolment = EnrolService(
            store=store,
            authority=authority,
            allow_list=allow_list,
            clock=clock,
            host_enrolled=_host_enrolled,
            reload=lambda: store.read(registry.load),
            renewing=renewing,
        )
        pipeline = Pipeline(
            store=store,
            judge=judge,
            registry=registry,
            notices=notices,
            clock=clock,
            committed=intake.committed,
            recorded=news.publish,
            alive=supervisor.alive,
        )
        obligations, archive = _obligations(config), Archive(folder / "archive")
        keeper = Keeper(
            store=store,
            archive=archive,
            level=registry.level,
            clock=clock,
            owed=retention_days(obligations),
            least=config.retention.event_days,
        )
        for load in (registry.load, fleet.load, allow_list.load):
            await store.read(load)
        return cls(
            config,
            clock,
            folder,
            store,
            authority,
            registry,
            fleet,
            pages,
            rules,
            engine,
            judge,
            intake,
            service,
            pipeline,
            allow_list,
            news,
            enrolment,
            RenewalService(renewing, caller),
            supervisor,
            Coverage(registry, fleet, pages, judge, allow_list, pack, obligations, archive, clock),
            archive,
            keeper,
        )


def _host_enrolled(connection: Connection, agent: Enrolled, system: str | None) -> None:
    """Give a host that was just enrolled its place in the registry."""
    rows.host_enrolled(
        connection,
        agent_id=agent.id,
        unit=agent.unit,
        system=system,
        hostname=agent.hostname,
        at_ns=agent.enrolled_ns,
    )


def _rules(config: Config) -> RuleSet:
    """The rules in force. One that cannot be read is left out and said; the rest goes on."""
    rules = load_rules(Path(config.rules.detections) if config.rules.detections else shipped().detections)
    for problem in rules.problems:
        log.error("rule_refused", reason=str(problem))
    return rules


def _pack(config: Config) -> LevelPack:
    return load_pack(Path(config.rules.pack) if config.rules.pack else shipped().pack)


def _obligations(config: Config) -> tuple[Obligation, ...]:
    return load_obligations(Path(config.rules.pack) if config.rules.pack else shipped().pack)


def _data_folder(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"{folder}: the data folder cannot be made: {error.strerror}; set 'data' in the file"
        ) from error
    if not os.access(folder, os.W_OK):
        raise StartError(f"{folder}: the data folder cannot be written; run as its owner, or set 'data' in the file")
    return folder
