# SPDX-License-Identifier: Apache-2.0
"""How the agent is doing: it writes a file, `giamsat-agent status` reads it. The agent listens on nothing."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from giamsat_agent import next_step
from giamsat_agent.errors import StateError
from giamsat_wire.clock import SECOND_NS
from giamsat_wire.source import Counts

FILE: Final = "status.json"
OLD_S: Final = 30.0
"""A status older than this means that no agent is running."""


class LaneStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One lane of the spool: frames waiting, bytes on the disk, readings thinned out since the start."""

    lane: str
    waiting: int
    bytes: int
    thinned: int = 0


class SourceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What one source yielded since the start: events in all, those only counted, those given up; whether it is there.

    `up` is None for a source that does not say.
    """

    source: str
    produced: int
    throttled: int
    dropped: int
    up: bool | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent says of itself. Times are UNIX nanoseconds; `failing` maps a sensor to the reason.

    `refused` counts frames that the collector did not take as they came, by its reason, since the start.
    """

    version: str
    pid: int
    agent_id: str
    unit: str
    collector: str
    connected: bool
    problem: str
    mode: str = "configured"
    mode_reason: str = ""
    started_ns: int
    written_ns: int
    acknowledged_ago_s: float | None
    offset_ns: int
    certificate_until_s: int
    certificate_problem: str
    lanes: list[LaneStatus]
    sources: list[SourceStatus] = []
    failing: dict[str, str]
    refused: dict[str, int] = {}
    sensors: int
    memory_bytes: int

    def holds(self, now_ns: int) -> bool:
        """Whether an agent is running that says so now (UNIX nanoseconds)."""
        return now_ns - self.written_ns <= OLD_S * SECOND_NS


def sources(counted: Mapping[str, Counts]) -> list[SourceStatus]:
    """What each source yielded, by name."""
    return [
        SourceStatus(
            source=name, produced=counts.produced, throttled=counts.throttled, dropped=counts.dropped, up=counts.up
        )
        for name, counts in sorted(counted.items())
    ]


def write(folder: Path, status: Status) -> None:
    """Replace the status file; a disk that refuses costs the status and nothing else.

    A full disk has no room for a file beside the one there is, which is then written over where it lies: whoever
    reads in between finds none for a moment, and not for as long as the disk is full one that is no longer true.
    """
    path = folder / FILE
    fresh = path.with_suffix(".new")
    data = msgspec.json.encode(status)
    try:
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
            with path.open("r+b") as there:
                there.write(data)
                there.truncate()


def forget(folder: Path) -> None:
    """Take the status away, which is not true any longer; one that cannot be taken away is soon too old."""
    with contextlib.suppress(OSError):
        (folder / FILE).unlink()


def read(folder: Path) -> Status | None:
    """The last status written; None when there is none that can be read.

    Raises:
        StateError: this user may not look: whether an agent is running is not known.
    """
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Status)
    except PermissionError as error:
        raise StateError(next_step.looking(folder, "status")) from error
    except (OSError, msgspec.DecodeError):
        return None
