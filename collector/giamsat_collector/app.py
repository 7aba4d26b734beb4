# SPDX-License-Identifier: Apache-2.0
"""The running collector, put together. Started as `python -m giamsat_collector.app [CONFIG]`."""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import structlog
from fastapi import FastAPI
from sqlalchemy import Connection

from giamsat_collector import own, web
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.config import Config
from giamsat_collector.control import server as control
from giamsat_collector.control.actions import Actions
from giamsat_collector.enrol import service as enrolment
from giamsat_collector.enrol.agents import AllowList, Enrolled
from giamsat_collector.enrol.authority import Authority, ServerIdentity, open_authority
from giamsat_collector.errors import CollectorError, StartError
from giamsat_collector.expose.discovery import Target
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.expose.own import OwnMetrics
from giamsat_collector.expose.routes import router
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest import frames, peer
from giamsat_collector.ingest import server as ingest
from giamsat_collector.ingest.intake import Intake
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
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.rule import RuleSet
from giamsat_wire.clock import Clock, SystemClock

log = structlog.get_logger()

SAVE_EVERY_S: Final = 30.0
PRUNE_AT_ONCE: Final = 5_000
_HOUR_NS: Final = 3600 * 1_000_000_000


@dataclass(slots=True)
class Collector:
    """The parts of a running collector and what ties them together."""

    config: Config
    clock: Clock
    folder: Path
    store: Store
    authority: Authority
    registry: Registry
    fleet: Fleet
    pages: HostPages
    rules: int
    engine: Engine
    judge: Judge
    intake: Intake
    ingest: IngestService
    pipeline: Pipeline
    allow_list: AllowList
    watchers: list["asyncio.Queue[tuple[Alert, ...]]"]

    @classmethod
    async def open(cls, config: Config, clock: Clock) -> "Collector":
        """Everything loaded, nothing listening yet.

        Raises:
            StartError: the data folder, the database, the authority or the rules cannot be opened.
        """
        folder = _data_folder(Path(config.data))
        database = folder / "giamsat.db"
        bring_up_to_date(database)
        store = SqliteStore(database)
        registry, fleet, pages = Registry(), Fleet(clock), HostPages()
        watchers: list[asyncio.Queue[tuple[Alert, ...]]] = []
        rules = _rules(config)
        engine = Engine(rules, _pack(config))
        judge = Judge(engine, registry, pages, fleet)
        intake = Intake(store)
        allow_list = AllowList(lambda agent, why: service.cut(agent, f"revoked: {why}"))
        service = IngestService(
            store=store, intake=intake, presence=fleet, clock=clock, authenticate=peer.of_call(allow_list.find)
        )
        pipeline = Pipeline(
            store=store,
            judge=judge,
            registry=registry,
            clock=clock,
            committed=intake.committed,
            recorded=lambda alerts: _tell(watchers, tuple(alerts)),
        )
        for load in (registry.load, fleet.load, allow_list.load):
            await store.read(load)
        authority = open_authority(folder / "ca", clock)
        return cls(
            config,
            clock,
            folder,
            store,
            authority,
            registry,
            fleet,
            pages,
            len(rules.rules),
            engine,
            judge,
            intake,
            service,
            pipeline,
            allow_list,
            watchers,
        )

    async def run(self, stopped: asyncio.Event) -> None:
        """Serve until `stopped`."""
        listen = self.config.listen
        identity = self.authority.server(listen.names)
        async with contextlib.AsyncExitStack() as stack:
            listener = web.listen(listen.host, listen.console)
            ports = {"console": listener.getsockname()[1]}
            agents, ports["ingest"] = ingest.build(
                self.ingest,
                f"{listen.host}:{listen.ingest}",
                key=identity.key,
                chain=identity.chain,
                client_roots=self.authority.client_roots_pem,
            )
            desk, ports["enrol"] = self._desk(identity)
            actions = self._actions(ports)
            await stack.enter_async_context(control.serve(self.folder / "control.sock", actions.commands()))
            for server in (agents, desk):
                await server.start()
                stack.push_async_callback(server.stop, 1.0)
            await stack.enter_async_context(web.serve(self._web(), listener, identity, self.folder))
            log.info("collector_started", **ports, data=str(self.folder))
            await self._work(stopped)
            log.info("collector_stopping")
        await self.store.write(self.fleet.save)
        await self.store.close()

    async def _work(self, stopped: asyncio.Event) -> None:
        """Commit, judge and keep house until `stopped`."""
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(work) for work in (self.intake.run(), self._judge(), self._keep_house())]
            await stopped.wait()
            for task in running:
                task.cancel()

    async def _judge(self) -> None:
        await self.pipeline.rebuild()
        await self.pipeline.run()

    async def _keep_house(self) -> None:
        """Save who was heard when, and let go of frames that are older than their retention and judged."""
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            before = self.clock.wall_ns() - self.config.retention.frame_hours * _HOUR_NS
            judged = self.pipeline.figures.cursor

            def work(connection: Connection, before: int = before, judged: int = judged) -> None:
                self.fleet.save(connection)
                frames.forget_before(connection, before, up_to_id=judged, most=PRUNE_AT_ONCE)

            with contextlib.suppress(CollectorError):
                await self.store.write(work)

    def _desk(self, identity: ServerIdentity) -> tuple[Any, int]:
        """The enrolment server."""

        def host_enrolled(connection: Connection, agent: Enrolled, system: str | None) -> None:
            rows.host_enrolled(
                connection,
                agent_id=agent.id,
                unit=agent.unit,
                system=system,
                hostname=agent.hostname,
                at_ns=agent.enrolled_ns,
            )

        service = enrolment.EnrolService(
            store=self.store,
            authority=self.authority,
            allow_list=self.allow_list,
            clock=self.clock,
            host_enrolled=host_enrolled,
            reload=self._reload_registry,
        )
        listen = self.config.listen
        return enrolment.build(service, f"{listen.host}:{listen.enrol}", identity)

    async def _reload_registry(self) -> None:
        await self.store.read(self.registry.load)

    def _actions(self, ports: dict[str, int]) -> Actions:
        name = self.config.listen.names[0]

        async def status() -> dict[str, Any]:
            return {
                "version": version("giamsat-collector"),
                **{f"{kind}_port": port for kind, port in ports.items()},
                "console": f"https://{name}:{ports['console']}/",
                **own.summary(self),
            }

        return Actions(
            store=self.store,
            clock=self.clock,
            registry=self.registry,
            fleet=self.fleet,
            pages=self.pages,
            authority=self.authority,
            allow_list=self.allow_list,
            enrol_address=f"{name}:{ports['enrol']}",
            status=status,
            alerts_changed=lambda alerts: _tell(self.watchers, alerts),
        )

    def _web(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        page = OwnMetrics()

        async def metrics() -> bytes:
            return page.page(await own.reading(self))

        app.include_router(
            router(
                token=_token(self.folder / "metrics.token"),
                own=metrics,
                pages=self.pages,
                targets=self._targets,
                clock=self.clock,
            )
        )
        return app

    def _targets(self) -> Sequence[Target]:
        """Every host that may connect, as Prometheus is told of it."""
        found = []
        for agent in self.allow_list:
            if agent.revoked_ns is None:
                place, contact = self.registry.placement(agent.id), self.fleet.contact(agent.id)
                hostname = contact.hostname if contact else agent.hostname
                found.append(Target(agent.id, hostname, agent.unit, place.system, place.level))
        return found


def _tell(watchers: Sequence["asyncio.Queue[tuple[Alert, ...]]"], alerts: tuple[Alert, ...]) -> None:
    for watcher in watchers:
        if watcher.full():
            watcher.get_nowait()
        watcher.put_nowait(alerts)


def _rules(config: Config) -> RuleSet:
    """The rules in force. One that cannot be read is left out and said; the rest goes on."""
    rules = load_rules(Path(config.rules.detections) if config.rules.detections else shipped().detections)
    for problem in rules.problems:
        log.error("rule_refused", reason=str(problem))
    return rules


def _pack(config: Config) -> LevelPack:
    return load_pack(Path(config.rules.pack) if config.rules.pack else shipped().pack)


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


def _token(path: Path) -> str:
    """The bearer token Prometheus needs; made at the first start."""
    if not path.exists():
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


async def serve(config: Config) -> None:
    """Run a collector until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    collector = await Collector.open(config, SystemClock())
    await collector.run(stopped)


def main() -> None:
    """Start, or say in one message why not."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    try:
        config = Config.load(Path(sys.argv[1])) if len(sys.argv) > 1 else Config()
        asyncio.run(serve(config))
    except CollectorError as error:
        print(f"giamsat-collector: {error}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
