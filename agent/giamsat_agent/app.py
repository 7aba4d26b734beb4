# SPDX-License-Identifier: Apache-2.0
"""The running agent, put together. Started as `python -m giamsat_agent.app [CONFIG]`, without any command line library.

One event loop, one thread that reads sensors, one connection to the collector.
"""

import asyncio
import os
import random
import secrets
import signal
import socket
import sys
from collections import ChainMap
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from giamsat_agent import own_log, plan, safe_start
from giamsat_agent.config import Config
from giamsat_agent.errors import AgentError, MovedError, NotEnrolledError, SpoolError
from giamsat_agent.framing import Framer
from giamsat_agent.host_pressure import Strain
from giamsat_agent.housekeeping import Upkeep
from giamsat_agent.privileges import must_be_ours
from giamsat_agent.renewal_schedule import Renewing
from giamsat_agent.safe_start import Mode, Start
from giamsat_agent.schedule import Outcome, Schedule
from giamsat_agent.sensor import Host, is_log
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_agent.uplink import host_binding, identity_check
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink.client import Client
from giamsat_agent.uplink.session import Session
from giamsat_agent.uplink.wire import Introduction
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Position, Sample, SampleSet
from giamsat_wire.supervision import Supervisor

log = own_log.logger()

NOT_ENROLLED: Final = 78
"""Exit code (EX_CONFIG of sysexits.h) after which the service is not started again: a person comes first."""
DISK_PART: Final = 20
"""The spool takes at most one in so many bytes of its file system."""
BOOT_ID: Final = "sys/kernel/random/boot_id"


class Agent:
    """The parts of a running agent, and how what one yields reaches the next."""

    def __init__(self, start: Start, path: Path | None, clock: Clock) -> None:
        config = start.config
        state = Path(config.state)
        self._start, self._path, self._failing = start, path, dict[str, str]()
        self.identity = identities.load(state / "identity")
        identity_check.must_fit(state / "identity", self.identity.generation)
        host_binding.must_be_at_home(state / "identity", host_binding.here(Path(config.host.sys)))
        self._config = config
        self._clock = clock
        host = Host(
            clock=clock,
            proc=Path(config.host.proc),
            sys=Path(config.host.sys),
            root=Path(config.host.root),
            files=config.sensors.files,
        )
        boot_id = _boot_id(host)
        rng = random.SystemRandom()
        try:
            self._spool = Spool(
                lambda lane: DiskFiles(state / "spool" / lane),
                owner=Owner(self.identity.agent_id, boot_id),
                clock=clock,
                random_bits=rng.getrandbits,
                caps=_caps(config, state),
            )
        except OSError as error:
            raise SpoolError(
                f"{state / 'spool'}: không mở được hàng đợi; kiểm tra đĩa / "
                f"the spool cannot be opened: {error.strerror}; check the disk"
            ) from error
        self._session = Session()
        self._framer = Framer(self._spool, lambda: self._session.pace.frame_bytes)
        self._framer.remember()
        self._planned = plan.planned(config, host, self._spool.positions())
        self._fared = plan.Fared()
        self._strain = Strain(host.proc, self._strained)
        self._supervisor = Supervisor(clock)
        self._schedule = Schedule(
            self._planned,
            clock=clock,
            rng=rng,
            deliver=self.deliver,
            stretch=self._strain.factor,
            alive=self._supervisor.alive,
        )
        self._client = Client(
            addresses=config.collector.addresses,
            identity=self.identity,
            introduction=Introduction(
                version("giamsat-agent"), socket.gethostname(), boot_id, rng.getrandbits(64), config.sensors.period_s
            ),
            spool=self._spool,
            session=self._session,
            clock=clock,
            rng=rng,
        )
        self._renewing = Renewing(
            self.identity,
            folder=state / "identity",
            collector=lambda: self._client.link.collector or config.collector.addresses[0],
            clock=clock,
            present=self._client.present,
            emergency_keys=config.collector.emergency_keys,
            lost_s=lambda: self._client.lost_s,
        )
        self._inputs = plan.inputs(config, clock, self._arrived)
        self._upkeep = Upkeep(
            start,
            self.identity,
            spool=self._spool,
            session=self._session,
            client=self._client,
            renewing=self._renewing,
            clock=clock,
            sensors=len(self._planned),
            failing=self._problems,
            counted=lambda: self._framer.tally.counts,
        )

    async def run(self, stopped: asyncio.Event) -> None:
        """Watch and send until `stopped`; then say goodbye within a few seconds."""
        self.happened("agent-started", {"agent.version": version("giamsat-agent")})
        if self._start.mode is not Mode.CONFIGURED:
            log.warning("agent_restricted", mode=self._start.mode, reason=self._start.why)
            self.happened("agent-restricted", {"giamsat.mode": self._start.mode, "giamsat.reason": self._start.why})
        async with asyncio.TaskGroup() as tasks:
            works = [self._schedule.run(), self._client.run(), self._renewing.run(), self._upkeep.run()]
            works += [each.run() for each in self._inputs]
            works.append(self._prove(stopped))
            running = [tasks.create_task(work) for work in works]
            self._supervisor.ready()
            await stopped.wait()
            self._supervisor.stopping()
            self.happened("agent-stopped", {})
            await self._client.finish("stopped in order")
            for task in running:
                task.cancel()
        for planned in self._planned:
            if is_log(planned.sensor):
                planned.sensor.close()
        self._spool.close()

    def deliver(self, outcomes: Sequence[Outcome]) -> None:
        """Commit what one wake-up of the schedule yielded."""
        samples = [item for outcome in outcomes for item in outcome.items if isinstance(item, Sample)]
        events = [item for outcome in outcomes for item in outcome.items if isinstance(item, Event)]
        self._fared.read(outcomes)
        if samples:
            samples += self._fared.samples()
            samples += self._framer.counted()
            samples += self._client.samples()
            samples.append(Sample("giamsat_agent_interval_factor", float(self._strain.now)))
            samples += [sample for each in self._inputs for sample in each.samples()]
            self._framer.readings(SampleSet(self._clock.wall_ns(), self._clock.mono_ns(), tuple(samples)))
        read_to = [outcome.position for outcome in outcomes if outcome.position is not None]
        if events or self._framer.waits or self._begins_a_log(read_to):
            self._commit(events, read_to)
        self._notice(outcomes)
        self._client.wake()

    def _strained(self, factor: int) -> None:
        log.warning("intervals_changed", factor=factor)
        self.happened("agent-intervals-changed", {"giamsat.factor": str(factor)})

    def _arrived(self, events: Sequence[Event]) -> None:
        """Commit what an input took in."""
        self._commit(events)
        self._client.wake()

    def happened(self, kind: str, fields: dict[str, str]) -> None:
        """Commit an event of the agent's own life."""
        named = {"event.provider": "agent", "host.name": socket.gethostname(), **fields}
        self._commit([Event(kind, self._clock.wall_ns(), self._clock.mono_ns(), named)])
        self._client.wake()

    def _commit(self, events: Sequence[Event], read_to: Sequence[Position] = ()) -> None:
        try:
            self._framer.happenings(events, read_to)
        except SpoolError as error:
            log.error("events_wait_in_memory", reason=str(error))  # noqa: TRY400 - the reason says it all

    def _begins_a_log(self, read_to: Sequence[Position]) -> bool:
        """Whether a log is read of which a restart would not know where: it would pass over what came since."""
        noted = self._spool.positions()
        return any(position.source not in noted for position in read_to)

    def _notice(self, outcomes: Sequence[Outcome]) -> None:
        """Say once when a sensor begins or ceases to fail."""
        for outcome in outcomes:
            before = self._failing.get(outcome.sensor)
            if outcome.failure is None:
                if self._failing.pop(outcome.sensor, None) is not None:
                    log.info("sensor_recovered", sensor=outcome.sensor)
            elif outcome.failure != before:
                self._failing[outcome.sensor] = outcome.failure
                say = log.info if outcome.absent else log.warning
                say("sensor_failing", sensor=outcome.sensor, absent=outcome.absent, reason=outcome.failure)

    def _problems(self) -> dict[str, str]:
        """What fails now, and why."""
        keys = self._renewing.keys_problem
        refusal = self._framer.refusal
        own = ({"emergency_keys": keys} if keys else {}) | ({"spool": refusal} if refusal else {})
        return dict(ChainMap(self._failing, own, *(dict(each.problems()) for each in self._inputs)))

    async def _prove(self, stopped: asyncio.Event) -> None:
        """What runs for a while has proved itself; what runs with the least is then started anew as configured."""
        if self._start.mode is Mode.SAFE:
            await asyncio.sleep(safe_start.SAFE_S)
            stopped.set()
        elif self._start.mode is Mode.CONFIGURED:
            await asyncio.sleep(safe_start.PROVED_S)
            safe_start.proved(Path(self._config.state), self._path)


def _caps(config: Config, state: Path) -> Caps:
    """What the configuration allows each lane, and no more than a part of the file system in all."""
    said, disk = config.spool, os.statvfs(state)
    wished = Caps(said.urgent_bytes, said.event_bytes, said.metric_bytes, said.bulk_bytes)
    caps = wished.within(disk.f_blocks * disk.f_frsize // DISK_PART)
    if caps != wished:
        log.info("spool_smaller_than_configured", bytes=sum(map(caps.of, Lane)), part_of_disk=1 / DISK_PART)
    return caps


def _boot_id(host: Host) -> str:
    try:
        return (host.proc / BOOT_ID).read_text(encoding="ascii").strip()[:64]
    except (OSError, UnicodeDecodeError):
        return secrets.token_hex(16)


async def serve(start: Start, path: Path | None = None) -> None:
    """Run an agent until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    clock, state = SystemClock(), Path(start.config.state)
    must_be_ours(state)
    with safe_start.alone(state):
        try:
            await Agent(safe_start.begun(start, clock), path, clock).run(stopped)
        except AgentError:
            safe_start.ended_well(state)  # it says why; trying with less would not help
            raise
        safe_start.ended_well(state)


def main() -> None:
    """Start, or say in one message why not."""
    own_log.to_standard_error()
    try:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else None
        asyncio.run(serve(safe_start.loaded(path, safe_start.usual_state()), path))
    except AgentError as error:
        print(f"giamsat-agent: {error}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(NOT_ENROLLED if isinstance(error, NotEnrolledError | MovedError) else 1) from error


if __name__ == "__main__":
    main()
