# SPDX-License-Identifier: Apache-2.0
"""The machine's clocks, and the only module that reads them."""

import time
from typing import Final, Protocol

SECOND_NS: Final = 1_000_000_000
"""Nanoseconds of a second."""


class Clock(Protocol):
    """Two clocks: one that people set, one that only runs forward."""

    def wall_ns(self) -> int:
        """UNIX time in nanoseconds; may jump."""
        ...

    def mono_ns(self) -> int:
        """CLOCK_BOOTTIME in nanoseconds; never goes back while the host is up."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def wall_ns(self) -> int:
        """UNIX time in nanoseconds."""
        return time.time_ns()

    def mono_ns(self) -> int:
        """CLOCK_BOOTTIME in nanoseconds."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def computed_ns() -> int:
    """What the thread that asks has computed, in nanoseconds: CLOCK_THREAD_CPUTIME_ID."""
    return time.thread_time_ns()
