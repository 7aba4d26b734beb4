# SPDX-License-Identifier: Apache-2.0
"""Whether the clock may be believed in what cannot be undone: after a leap it is not, for a day.

A host that begins with a clock that is years ahead would else let go of everything it keeps, and end units that stand,
before it is put right.
"""

from typing import Final

import structlog

from giamsat_wire.clock import SECOND_NS, Clock

log = structlog.get_logger()

LEAP_NS: Final = 24 * 3_600 * SECOND_NS
DOUBTED_NS: Final = 24 * 3_600 * SECOND_NS
"""By the clock that only runs forward: time enough for a person, or for what sets clocks, to put it right."""


class ClockTrust:
    """The wall clock held against the monotonic one; `newest_ns` is the newest time known from before, if any is."""

    def __init__(self, clock: Clock, newest_ns: int | None) -> None:
        self._clock = clock
        self._distance_ns = self._distance()
        self._leapt_mono_ns: int | None = None
        if newest_ns is not None and clock.wall_ns() - newest_ns > LEAP_NS:
            self._leapt()

    @property
    def doubted(self) -> bool:
        """Whether it leapt lately. To be asked more often than once a day."""
        if abs(self._distance() - self._distance_ns) > LEAP_NS:
            self._leapt()
        return self._leapt_mono_ns is not None and self._clock.mono_ns() - self._leapt_mono_ns < DOUBTED_NS

    def _leapt(self) -> None:
        self._distance_ns, self._leapt_mono_ns = self._distance(), self._clock.mono_ns()
        log.warning("clock_leapt", now_ns=self._clock.wall_ns(), nothing_let_go_of_for_s=DOUBTED_NS // SECOND_NS)

    def _distance(self) -> int:
        return self._clock.wall_ns() - self._clock.mono_ns()
