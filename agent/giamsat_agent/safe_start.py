# SPDX-License-Identifier: Apache-2.0
"""With what to start, after how the starts before ended: as configured, as it last worked, or with the least.

A start is noted in the state folder and struck off when the agent ends in order, or says why it cannot run; what is
left are crashes. A configuration that carried the agent for a while is kept as the last that worked.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent import config as configuration
from giamsat_agent.config import Config, Packets, Sensors, SnmpTrap, Syslog
from giamsat_agent.errors import ConfigError, StateError
from giamsat_agent.sensors import EVENTS, METRICS
from giamsat_wire import durable
from giamsat_wire.clock import Clock

STARTS: Final = "starts.json"
GOOD: Final = "config.good.toml"
WITHIN_NS: Final = 600 * 1_000_000_000
"""Crashes longer ago than that say nothing about now."""
REMEMBERED: Final = 100
PROVED_S: Final = 300.0
"""So long must an agent run for its configuration to count as one that works."""
SAFE_S: Final = 900.0
"""So long it runs with the least before it is started anew as configured."""


class Mode(StrEnum):
    """With what an agent runs."""

    CONFIGURED = "configured"
    LAST_GOOD = "last_good"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Start:
    """With what to start. `why` is empty when it is as configured."""

    mode: Mode
    config: Config
    why: str = ""


@contextlib.contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold the state folder for this process: two agents on one spool would give the same numbers twice.

    Raises:
        StateError: another agent holds it, or it cannot be used.
    """
    try:
        lock = durable.hold(state / "lock")
    except BlockingIOError as error:
        raise StateError(
            f"{state}: một agent khác đang chạy với thư mục này; xin dừng nó trước / "
            "another agent is running with this state; stop it first"
        ) from error
    except OSError as error:
        raise StateError(
            f"{state / 'lock'}: {error.strerror}; chạy bằng chủ thư mục, hoặc trước hết / "
            "run as the folder's owner, or first: giamsat-agent enrol --collector HOST:7444"
        ) from error
    with lock:
        yield


def loaded(path: Path | None, state: Path) -> Start:
    """The configuration at `path`; when it is refused, the last one that worked for the agent of this state folder.

    Raises:
        ConfigError: it is refused, and none has worked before.
    """
    try:
        return Start(Mode.CONFIGURED, configuration.load(path) if path else Config())
    except ConfigError as error:
        good = _good(state)
        if good is None:
            raise
        return Start(Mode.LAST_GOOD, good, str(error))


def begun(start: Start, clock: Clock) -> Start:
    """Note a start; with what it really goes on after the crashes before it."""
    state, now = Path(start.config.state), clock.wall_ns()
    crashes = [at for at in _noted(state) if now - WITHIN_NS < at <= now]
    _note(state, [*crashes, now][-REMEMBERED:])
    limits, why = start.config.restarts, f"{len(crashes)} crashes within ten minutes"
    if limits.safe_after and len(crashes) >= limits.safe_after:
        return Start(Mode.SAFE, _least(start.config), why)
    if limits.last_good_after and len(crashes) >= limits.last_good_after:
        good = _good(state)
        if good is not None and good != start.config:
            return Start(Mode.LAST_GOOD, good, why)
    return start


def ended_well(state: Path) -> None:
    """The agent ended in order, or said why it cannot run: that is no crash."""
    with contextlib.suppress(OSError):
        (state / STARTS).unlink()


def proved(state: Path, path: Path | None) -> None:
    """The agent has run for a while: the configuration it runs with is one that works."""
    ended_well(state)
    with contextlib.suppress(OSError):
        durable.replace(state / GOOD, path.read_bytes() if path else b"")


def usual_state() -> Path:
    """The state folder of an agent whose configuration cannot be read: systemd names it, or it is the default."""
    return Path(os.environ.get("STATE_DIRECTORY", Config().state))


def _good(state: Path) -> Config | None:
    try:
        return configuration.load(state / GOOD)
    except ConfigError:
        return None


def _noted(state: Path) -> list[int]:
    try:
        return msgspec.json.decode((state / STARTS).read_bytes(), type=list[int])
    except (OSError, msgspec.DecodeError):
        return []


def _note(state: Path, starts: list[int]) -> None:
    with contextlib.suppress(OSError):
        fresh = state / f".{STARTS}.new"
        fresh.write_bytes(msgspec.json.encode(starts))
        fresh.replace(state / STARTS)


def _least(config: Config) -> Config:
    """Nothing is read and nothing listened to: the agent says that it lives, and what it holds is sent."""
    every = tuple(spec.name for spec in (*METRICS, *EVENTS))
    return msgspec.structs.replace(
        config,
        sensors=Sensors(period_s=config.sensors.period_s, disabled=every),
        syslog=Syslog(),
        packets=Packets(),
        snmptrap=SnmpTrap(),
        device=(),
        check=(),
    )
