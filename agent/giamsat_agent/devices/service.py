# SPDX-License-Identifier: Apache-2.0
"""Where the process that asks devices reports: it holds their secrets and no key, this end the key and no secret."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from giamsat_agent.devices.report import MESSAGE_BYTES, Measured, ToldError, decode
from giamsat_agent.input import Deliver
from giamsat_agent.own_log import logger
from giamsat_agent.peer_socket import served
from giamsat_agent.token_bucket import Share
from giamsat_wire import limits
from giamsat_wire.clock import SECOND_NS, Clock
from giamsat_wire.record import Event, Sample

log = logger()

SAMPLES: Final = 4 * limits.SERIES_PER_AGENT
"""Figures kept of all devices together; the wire takes a part of them, and counts the rest."""
BURST, PER_SECOND = 2_000.0, 200.0
"""Events: as many as one sender of notifications may bring about."""
NOT_YET: Final = (
    "tiến trình hỏi thiết bị chưa kết nối; dịch vụ giamsat-devices có đang chạy không? / the process that asks devices "
    "has not connected; is the service giamsat-devices running?"
)
AWAY: Final = (
    "tiến trình hỏi thiết bị đã dừng, sẽ được chạy lại / the process that asks devices went away; its service manager "
    "starts it again"
)


class DevicesService:
    """Implements giamsat_agent.input.Input."""

    def __init__(self, path: Path, *, user: str, period_s: float, clock: Clock, deliver: Deliver) -> None:
        """Listen at `path` for what `user` (or this process's own user) tells; every `period_s` it tells of all."""
        self._path = path
        self._user = user
        self._fresh_ns = int(limits.STALE_PERIODS * period_s * SECOND_NS)
        self._clock = clock
        self._deliver = deliver
        self._share = Share(BURST, PER_SECOND)
        self._problem = NOT_YET
        self._told: Mapping[str, str] = {}
        self._coming: list[Sample] = []
        self._samples: list[Sample] = []
        self._at_ns = 0
        self._untold = 0
        self._refused: Counter[str] = Counter()

    async def run(self) -> None:
        """Hear for ever; a socket that cannot be opened is said and tried again."""
        await served(self._path, self._user, MESSAGE_BYTES, self)

    def samples(self) -> Iterator[Sample]:
        """What was measured last, as long as that is now; and what was refused, or could not be told."""
        if self._samples and self._clock.mono_ns() - self._at_ns <= self._fresh_ns:
            yield from self._samples
        for reason, count in self._refused.items():
            yield Sample("giamsat_devices_refused_total", float(count), (("reason", reason),))
        if self._untold:
            yield Sample("giamsat_devices_untold_total", float(self._untold))

    def problems(self) -> Mapping[str, str]:
        """Devices that do not answer, and why; or that nobody asks them."""
        return {"devices": self._problem} if self._problem else self._told

    def opened(self) -> None:
        """It can come, and has not."""
        if self._problem != AWAY:
            self._problem = NOT_YET

    def unheard(self, words: str) -> None:
        """It cannot come, and why."""
        self._problem = words
        log.error("devices_not_listened_to", reason=words)

    def heard(self, message: bytes) -> None:
        """An event, or a part of what is measured."""
        try:
            found = decode(message)
        except ToldError as error:
            self.refused("malformed", str(error))
            return
        self._problem = ""
        if isinstance(found, Measured):
            self._measured(found)
        elif self._share.takes(1, self._clock.mono_ns()):
            self._deliver([Event(found.kind, found.wall_ns, found.mono_ns, found.fields)])
        else:
            self.refused("over_share", f"more than {PER_SECOND:.0f} events a second")

    def gone(self) -> None:
        """It went away: what it measured is not so for long."""
        self._problem, self._coming = AWAY, []
        log.warning("devices_not_told_of", reason=AWAY)

    def refused(self, reason: str, words: str) -> None:
        """Count what was not taken, and say it once."""
        if reason not in self._refused:
            log.warning("devices_message_refused", reason=words)
        self._refused[reason] += 1

    def _measured(self, part: Measured) -> None:
        rows = [Sample(name, value, labels) for name, value, labels in part.rows if math.isfinite(value)]
        room = SAMPLES - len(self._coming)
        if len(rows) > room:
            self.refused("too_many", f"more than {SAMPLES} figures")
        self._coming += rows[:room]
        if part.last:
            self._samples, self._coming, self._at_ns = self._coming, [], self._clock.mono_ns()
            self._told, self._untold = part.problems, part.untold
