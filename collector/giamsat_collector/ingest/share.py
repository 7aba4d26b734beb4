# SPDX-License-Identifier: Apache-2.0
"""Who may send while the rules lag behind: an agent that sends more than its share waits, so that no other one does.

As long as judging keeps up, nobody is held back. What is urgent has a share of its own: an agent chooses its lanes.
Decides only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from giamsat_wire.clock import SECOND_NS

LAG_NS: Final = 10 * 1_000_000_000
"""From here on judging lags behind: the oldest frame that is not judged has waited for so long."""
RATE: Final = 64 << 10
"""Bytes a second that are an agent's share: an ordinary host sends a few hundred."""
BURST: Final = 1 << 20
"""Bytes an agent that sent little may send at once."""


@dataclass(slots=True)
class Shares:
    """What each agent has left of its share. `lag_ns` tells how long the oldest frame waits for the rules."""

    lag_ns: Callable[[], int]
    _left: dict[tuple[str, bool], tuple[float, int]] = field(default_factory=dict)

    def takes(self, whose: tuple[str, bool], size: int, now_ns: int) -> bool:
        """Whether an agent may send so many bytes now; they count towards its share, or that of its urgent frames."""
        left, at_ns = self._left.get(whose, (float(BURST), now_ns))
        left = min(float(BURST), left + RATE * max(0, now_ns - at_ns) / SECOND_NS)
        may = left >= size or self.lag_ns() <= LAG_NS
        self._left[whose] = max(0.0, left - size) if may else left, now_ns
        return may
