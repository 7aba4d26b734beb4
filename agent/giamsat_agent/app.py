# SPDX-License-Identifier: Apache-2.0
"""The running agent, put together. Started as `python -m giamsat_agent.app CONFIG`, so that it carries no command line.

One event loop, one thread that reads sensors, one connection to the collector.
"""

import asyncio
import random
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import structlog
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.record import Event, Position, Sample, SampleSet

from giamsat_agent import config as configuration
from giamsat_agent import sensors, status
from giamsat_agent.config import Config
from giamsat_agent.errors import AgentError
from giamsat_agent.framing import Framer
from giamsat_agent.schedule import Outcome, Planned, Schedule
from giamsat_agent.sensor import Host, LogSensor, Sensor, SensorSpec
from giamsat_agent.spool.files import DiskFiles
from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.uplink.client import Client
from giamsat_agent.uplink.identity import Identity
from giamsat_agent.uplink.session import Session

log = structlog.get_logger()

STATUS_EVERY_S: Final = 5.0
"""How often status.json is written; it is what `giamsat-agent status` reads."""


@dataclass(slots=True)
class Running:
    """The parts of a running agent that hand things to each other."""

    config: Config
    clock: Clock
    framer: Framer
    spool: Spool
    planned: Sequence[Planned]
    wake: asyncio.Event
    failing: dict[str, str]

    def deliver(self, outcomes: Sequence[Outcome]) -> None:
        """Commit what one wake-up of the schedule yielded."""
        wall_ns, mono_ns = self.clock.wall_ns(), self.clock.mono_ns()
        samples = [item for outcome in outcomes for item in outcome.items if isinstance(item, Sample)]
        events = [item for outcome in outcomes for item in outcome.items if isinstance(item, Event)]
        if samples:
            samples += _scraped(outcomes)
            self.framer.readings(SampleSet(wall_ns, mono_ns, tuple(samples)))
        if events:
            self.framer.happenings(events, self.positions())
        self._notice(outcomes)
        self.wake.set()

    def positions(self) -> list[Position]:
        """How far every log has been read."""
        found = [planned.sensor.position() for planned in self.planned if _is_log(planned.sensor)]
        return [position for position in found if position is not None]

    def _notice(self, outcomes: Sequence[Outcome]) -> None:
        """Say once when a sensor begins or ceases to fail."""
        for outcome in outcomes:
            before = self.failing.get(outcome.sensor)
            if outcome.failure is None:
                if self.failing.pop(outcome.sensor, None) is not None:
                    log.info("sensor_recovered", sensor=outcome.sensor)
            elif outcome.failure != before:
                self.failing[outcome.sensor] = outcome.failure
                say = log.info if outcome.absent else log.warning
                say("sensor_absent" if outcome.absent else "sensor_failed", sensor=outcome.sensor, reason=outcome.failure)


def _is_log(sensor: Sensor) -> "TypeGuard[LogSensor]":
    return hasattr(sensor, "position")


def _scraped(outcomes: Sequence[Outcome]) -> list[Sample]:
    """How each sensor fared, under node_exporter's names; durations to a tenth of a millisecond."""
    labels = [((("collector", outcome.sensor),), outcome) for outcome in outcomes]
    return [
        *(
            Sample("node_scrape_collector_duration_seconds", round(outcome.duration_s, 4), label)
            for label, outcome in labels
        ),
        *(
            Sample("node_scrape_collector_success", 0.0 if outcome.failure else 1.0, label)
            for label, outcome in labels
        ),
    ]
