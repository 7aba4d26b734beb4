# SPDX-License-Identifier: Apache-2.0
"""Where the capture process reports. It holds the right to read every frame and no key; this end no such right."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from giamsat_agent.input import Deliver
from giamsat_agent.own_log import logger
from giamsat_agent.packets.telling.intake import Intake
from giamsat_agent.packets.telling.report import MESSAGE_BYTES, ReportError, decode
from giamsat_agent.peer_socket import served
from giamsat_wire.clock import Clock
from giamsat_wire.record import Event, Sample

log = logger()

AWAY: Final = "the capture process went away; its service manager starts it again"


class CaptureService:
    """Implements giamsat_agent.input.Input."""

    def __init__(
        self,
        path: Path,
        interfaces: Iterable[str],
        *,
        user: str,
        clock: Clock,
        deliver: Deliver,
        flow_bytes: int = 0,
    ) -> None:
        """Listen at `path` for the reports of `user` (and of this process's own user).

        `flow_bytes` are those the flows of one interface may take each minute.
        """
        self._path = path
        self._user = user
        self._clock = clock
        self._deliver = deliver
        self._intake = Intake(interfaces, mono_ns=clock.mono_ns(), flow_bytes=flow_bytes)
        self._problem = ""
        self._refused: dict[str, int] = {}

    async def run(self) -> None:
        """Take reports for ever; a socket that cannot be opened is said and tried again."""
        await served(self._path, self._user, MESSAGE_BYTES, self)

    def opened(self) -> None:
        """The capture process can come."""
        self._problem = ""

    def unheard(self, words: str) -> None:
        """It cannot come, and why."""
        self._problem = words
        log.error("capture_not_listened_to", reason=words)

    def heard(self, message: bytes) -> None:
        """A report, or what is none."""
        try:
            report = decode(message)
        except ReportError as error:
            self.refused("malformed", str(error))
        else:
            self._tell(self._intake.take(report, **self._now()))

    def gone(self) -> None:
        """The capture process went away."""
        self._tell(self._intake.lost(AWAY, **self._now()))

    def refused(self, reason: str, words: str) -> None:
        """Count what was not taken, and say it once."""
        if reason not in self._refused:
            log.warning("capture_report_refused", reason=words)
        self._refused[reason] = self._refused.get(reason, 0) + 1

    def samples(self) -> Iterator[Sample]:
        """What was captured, told, and refused."""
        yield from self._intake.samples()
        for reason, count in self._refused.items():
            yield Sample("giamsat_capture_refused_total", float(count), (("reason", reason),))

    def problems(self) -> Mapping[str, str]:
        """Interfaces that are not watched, and why."""
        return {"packets": self._problem} if self._problem else self._intake.problems()

    def _now(self) -> dict[str, int]:
        return {"wall_ns": self._clock.wall_ns(), "mono_ns": self._clock.mono_ns()}

    def _tell(self, events: Iterator[Event]) -> None:
        if told := list(events):
            self._deliver(told)
