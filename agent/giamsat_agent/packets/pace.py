# SPDX-License-Identifier: Apache-2.0
"""When the frames that wait in a ring are looked at: as seldom as the ring has room for.

Many frames at once cost far less each than few, and a look at a ring in vain costs as much as a hundred of them. So a
ring has its turn when it should be half full by how fast it filled last; and what was taken out of it then is looked at
together with what the next turn brings, if that comes soon enough. Frames that come faster than that ring the
alarm, at each 3,000th or so: at rest an 8 MiB ring has room for five times as many, and just before its turn still for
more than twice as many. From when the alarm rings twice within LOOK_NS, the ring is looked at by the clock: at
500,000 frames a second its 16,384 slots are full in 33 ms.

Pure: times and counts in, times out.
"""

from typing import Final

FILLING, FULL = 0.125, 0.5
"""The part of a ring that waits when it fills, and when it is its turn."""
LOOK_NS: Final = 20_000_000
"""How soon to look again at a ring whose alarm rings on."""
PRESSED_NS: Final = 8_000_000
"""The same while one fills."""
TURN_NS: Final = 2_000_000_000
"""The longest time between two turns: an alert is to be seen within five seconds."""
HEARD_NS: Final = 250_000_000
"""Who sends nothing but hellos must not keep it at work on few and few."""


class Pace:
    """When it is one ring's turn, by what is known of its traffic. Times are nanoseconds of one clock."""

    def __init__(self, now_ns: int) -> None:
        self.due_ns = self._since_ns = self._took_ns = self._looked_ns = now_ns
        self._part = 0.0
        self._rang_ns = now_ns - TURN_NS

    def took(self, now_ns: int, part: float) -> None:
        """In this turn so large a part of its slots was emptied up to now; of two rings the fuller counts."""
        self._took_ns, self._part = now_ns, max(self._part, part)

    def heard(self, now_ns: int, part: float) -> None:
        """The same of its ring of hellos, which is small: for that one alone it has no turn sooner than HEARD_NS."""
        self.took(now_ns, min(part, FULL * (now_ns - self._since_ns) / HEARD_NS))

    def may_wait(self) -> bool:
        """Whether what was taken may be looked at in the next turn: none of it is older than TURN_NS then."""
        return self._part > 0 and self._took_ns + self._filled_ns - self._looked_ns <= TURN_NS

    def looked(self) -> None:
        """All that was taken is looked at."""
        self._looked_ns = self._took_ns

    def turned(self, now_ns: int) -> None:
        """Its turn is over."""
        took_ns = self._took_ns if self._part else now_ns
        self.due_ns = took_ns + min(TURN_NS, self._filled_ns)
        self._since_ns, self._part = took_ns, 0.0

    @property
    def _filled_ns(self) -> int:
        """How long until it is half full again."""
        return int((self._took_ns - self._since_ns) * FULL / self._part) if self._part else TURN_NS

    def rang(self, now_ns: int) -> bool:
        """Its alarm rang; whether so soon again that to wait for the next time is no use."""
        again, self._rang_ns = now_ns - self._rang_ns <= LOOK_NS, now_ns
        return again
