# SPDX-License-Identifier: Apache-2.0
"""A detector that may fail on some frames, which whoever finds such frames will send again and again.

It goes on with what it knows: so they hide no more than what came with them. Only one that fails twice in a row is
taken to be broken by what it knows and begins anew; the pause before it does so again doubles, from one minute to one
hour, so that nobody can keep it from remembering.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.detector import Detector
from giamsat_wire.clock import SECOND_NS

IN_A_ROW: Final = 2
SHORTEST_NS: Final = 60 * SECOND_NS
LONGEST_NS: Final = 3_600 * SECOND_NS


class Guarded:
    """One detector. `failures` counts, `fault` is how it failed first."""

    def __init__(self, detector: Detector, anew: Callable[[], Detector] | None = None) -> None:
        """`anew` makes one that has seen nothing yet, where its type alone does not."""
        self.detector = detector
        self._anew = anew or type(detector)
        self.failures = 0
        self._let_go = 0
        self.fault: Exception | None = None
        self._in_a_row = 0
        self._pause_ns = SHORTEST_NS
        self._not_before_ns = 0

    @property
    def evicted(self) -> int:
        """How much it let go of for want of room, and those before it."""
        return self._let_go + self.detector.room.evicted

    def look(self, how: Callable[[Detector], Iterable[Anomaly]], now_ns: int) -> Sequence[Anomaly]:
        """What it finds, nothing where it fails; `now_ns` is the frames' own time."""
        try:
            found = list(how(self.detector))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other detectors go on
            self.failures += 1
            self.fault = self.fault or error
            self._in_a_row += 1
            if self._in_a_row >= IN_A_ROW and now_ns >= self._not_before_ns:
                self._begin_anew(now_ns)
            return ()
        self._in_a_row = 0
        return found

    def exchange(self, anew: Callable[[], Detector]) -> None:
        """Go on with another one; failures stay counted."""
        self._anew, self.detector = anew, anew()

    def _begin_anew(self, now_ns: int) -> None:
        self._let_go = self.evicted
        self.detector = self._anew()
        self._not_before_ns = now_ns + self._pause_ns
        self._pause_ns = min(2 * self._pause_ns, LONGEST_NS)
