# SPDX-License-Identifier: Apache-2.0
"""How long something may take on a machine that others use as well.

The kernel counts for how long some program waited for a processor or a disk (Documentation/accounting/psi.rst). That
long nothing can be held against what is waited for: up to a minute, such seconds do not count.
"""

import contextlib
import time
from pathlib import Path

PRESSURE = Path("/proc/pressure")
PUT_OFF_S = 60
"""What never happens is given up this much later, however busy the machine."""


def stalled_s(folder=PRESSURE):
    """For how many seconds some program has waited for a processor or a disk; 0 where the kernel does not count it."""
    found = 0.0
    for name in ("cpu", "io"):
        with contextlib.suppress(OSError):
            some = (folder / name).read_text(encoding="ascii").partition("\n")[0]
            found += int(some.rpartition("=")[2]) / 1e6
    return found


class Patience:
    """A deadline that a busy machine puts off."""

    def __init__(self, seconds, *, clock=time.monotonic, stalled=stalled_s):
        self._seconds = seconds
        self._clock, self._stalled = clock, stalled
        self._began, self._before = clock(), stalled()

    def spent_s(self):
        """The seconds since the beginning that count."""
        passed, stalled = self._clock() - self._began, self._stalled() - self._before
        return max(passed - min(stalled, PUT_OFF_S), 0.0)

    def lasts(self):
        """Whether there is still time."""
        return self.spent_s() < self._seconds
