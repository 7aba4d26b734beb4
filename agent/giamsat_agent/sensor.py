# SPDX-License-Identifier: Apache-2.0
"""The contract of everything that watches one thing on this host.

A sensor is built once with the `Host` it watches and read again and again by the schedule, always from one thread
at a time. It may read files, make system calls and talk to local sockets; it never needs root to be built, never
writes to the host and never opens a network connection.

`read` yields samples and events. Reading is apart from understanding: `read` touches the host, module functions
named `parse…` need only text. A sensor that has nothing to report on this host raises `NothingToRead`: that is not
a fault and is said once. Any other exception is a fault of this reading: it is counted, what was yielded before it
is kept, and the next reading is tried at its time. What one reading yields is bounded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeGuard

from giamsat_wire.clock import Clock
from giamsat_wire.record import Event, Position, Sample

ITEMS_PER_READING: Final = 10_000
"""What one reading may yield; the rest of it is not taken and the reading counts as failed."""


class NothingToRead(Exception):  # noqa: N818 - a condition of the host, not a fault
    """This host does not have what the sensor watches; the message says what is missing and what would provide it."""


@dataclass(frozen=True, slots=True)
class Host:
    """Where a host's facts are read from; a fixture tree can stand in for the host.

    `files` are further critical files below `root`, beside those that every host is watched for.
    """

    clock: Clock
    proc: Path = Path("/proc")
    sys: Path = Path("/sys")
    root: Path = Path("/")
    files: tuple[str, ...] = ()


class Sensor(Protocol):
    """Watches one thing."""

    def read(self) -> Iterable[Sample | Event]:
        """Yield one reading.

        Raises:
            NothingToRead: the host does not have what this sensor watches.
            OSError, ValueError: this reading failed; the next may not.
        """
        ...


class LogSensor(Sensor, Protocol):
    """A sensor that reads a source with a memory: it can say how far it has read and go on from there."""

    def position(self) -> Position | None:
        """How far this source has been read, everything yielded so far included; None before the first reading."""
        ...

    def resume(self, position: Position) -> None:
        """Go on after `position` at the next reading. A position the source no longer knows means: from its start."""
        ...

    def close(self) -> None:
        """Let go of files and programs; the sensor is not read again."""
        ...


def is_log(sensor: Sensor) -> TypeGuard[LogSensor]:
    """Whether a sensor reads a source with a memory."""
    return hasattr(sensor, "position")


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """What the schedule and the documentation need to know of a sensor before it is built."""

    name: str
    build: Callable[[Host], Sensor]
    every_s: float
    limit_s: float = 2.0
