# SPDX-License-Identifier: Apache-2.0
"""How far this host's clock is from its collector's, told without asking again.

The collector says its time once, as it answers the greeting. From then on the clock that only runs forward carries
that time along, so a clock of the host that is set later is seen at once.
"""

from dataclasses import dataclass

from giamsat_wire.clock import Clock


@dataclass(frozen=True, slots=True)
class Reference:
    """What the collector's clock said, and between which two moments of CLOCK_BOOTTIME it said so."""

    server_ns: int
    asked_ns: int
    answered_ns: int

    def behind_ns(self, clock: Clock) -> int:
        """How far the host's clock is behind the collector's now, if the answer took as long as the question."""
        middle_ns = (self.asked_ns + self.answered_ns) // 2
        return self.server_ns + clock.mono_ns() - middle_ns - clock.wall_ns()

    def ahead_s(self, clock: Clock) -> float:
        """By how many seconds the host's clock is ahead at the least: what the way there and back leaves open is none.

        To a thousandth; below zero when it is behind.
        """
        ahead_ns, unsure_ns = -self.behind_ns(clock), (self.answered_ns - self.asked_ns) // 2
        sure_ns = max(0, abs(ahead_ns) - unsure_ns)
        return round((sure_ns if ahead_ns > 0 else -sure_ns) / 10**9, 3) + 0.0
