# SPDX-License-Identifier: Apache-2.0
"""The running collector, put together. Started as `python -m giamsat_collector [CONFIG]`."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from giamsat_collector import data_folder, descriptors, https_server, operator_endpoints
from giamsat_collector.backup import swapping
from giamsat_collector.config import Config
from giamsat_collector.control import server as control
from giamsat_collector.control.audit_trail import AuditTrail
from giamsat_collector.enrol import service as enrolment
from giamsat_collector.enrol.server_certificate import ServerCertificate
from giamsat_collector.errors import CollectorError
from giamsat_collector.housekeeping import Housekeeping
from giamsat_collector.ingest import server as ingest
from giamsat_collector.own_host import SELF
from giamsat_collector.parts import Parts
from giamsat_collector.self_monitoring import SelfMonitoring
from giamsat_wire.clock import SystemClock

log = structlog.get_logger()

GC_THRESHOLDS: Final = (50_000, 20, 500)


@dataclass(frozen=True, slots=True)
class Collector:
    """A collector that runs."""

    parts: Parts

    async def run(self, stopped: asyncio.Event) -> None:
        """Serve until `stopped`."""
        listen = self.parts.config.listen
        certificate = await self.parts.authority.certificate(listen.names, self.parts.clock)
        async with contextlib.AsyncExitStack() as stack:
            listener = stack.enter_context(https_server.listen(listen.host, listen.console))
            ports = {"console": listener.getsockname()[1]}
            agents, ports["ingest"] = ingest.build(
                self.parts.endpoints.ingest,
                self.parts.endpoints.renewal,
                listen.at(listen.ingest),
                certificate.credentials(clients=True),
            )
            desk, ports["enrol"] = enrolment.build(
                self.parts.endpoints.enrolment, listen.at(listen.enrol), certificate.credentials()
            )
            commands = operator_endpoints.commands(self.parts, ports, certificate)
            audit_trail = AuditTrail(partial(self.parts.endpoints.notices.saw, SELF))
            socket = self.parts.folder / "control.sock"
            await stack.enter_async_context(control.serve(socket, commands, audit_trail.saw))
            for server in (agents, desk):
                await server.start()
                stack.push_async_callback(server.stop, 1.0)
            await stack.enter_async_context(
                https_server.serve(operator_endpoints.console(self.parts), listener, certificate, self.parts.folder)
            )
            log.info("collector_started", **ports, data=str(self.parts.folder))
            self.parts.supervisor.ready()
            await self._work(stopped, certificate)
            self.parts.supervisor.stopping()
            self.parts.news.close()
            log.info("collector_stopping")
        await self.parts.keeper.keep()
        await self.parts.store.write(self.parts.fleet.save)

    async def _work(self, stopped: asyncio.Event, certificate: ServerCertificate) -> None:
        """Commit, judge and keep house until `stopped`."""
        parts = self.parts
        works = [
            parts.endpoints.intake.run(),
            self._judge(),
            Housekeeping(parts).run(),
            SelfMonitoring(parts).run(),
            *parts.authority.work(),
        ]
        works.append(parts.telling.run(parts.news))
        works.append(parts.authority.keep(certificate, parts.store, parts.endpoints.notices.remark, parts.clock))
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(work) for work in works]
            await stopped.wait()
            for task in running:
                task.cancel()

    async def _judge(self) -> None:
        await self.parts.pipeline.rebuild()
        await self.parts.pipeline.run()


async def serve(config: Config) -> None:
    """Run a collector until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    allowed = descriptors.raised()
    async with contextlib.AsyncExitStack() as held:
        swapping.must_be_whole(Path(config.data))
        data_folder.must_be_ours(Path(config.data))
        held.enter_context(data_folder.alone(Path(config.data)))
        parts = await held.enter_async_context(Parts.opened(config, SystemClock()))
        short = descriptors.shortage(allowed, sum(agent.refused is None for agent in parts.endpoints.allow_list))
        if short is not None:
            log.error("too_few_files", reason=short)
        # Rules and registry stay: looked through for cycles once more, and never again.
        gc.collect()
        gc.freeze()
        await Collector(parts).run(stopped)


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
    # The decoders of thousands of series are long-lived and hold no cycles: looking through all of them each time the
    # defaults say so stops the event loop for 100 ms and more.
    gc.set_threshold(*GC_THRESHOLDS)
    try:
        config = Config.load(Path(sys.argv[1])) if len(sys.argv) > 1 else Config()
        asyncio.run(serve(config))
    except CollectorError as error:
        print(f"giamsat-collector: {error}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(1) from error
