# SPDX-License-Identifier: Apache-2.0
"""How far a reading is from what its own series usually shows: median and median absolute deviation of a day.

Both are robust: a tenth of wild readings moves them little (Rousseeuw and Croux, 1993; 1.4826 makes the spread that of
a normal distribution). A spread below a hundredth of the median counts as that, so that a flat line does not make its
first ripple an anomaly.
"""

from array import array
from dataclasses import dataclass, field
from statistics import median
from typing import Final

POINTS: Final = 288
EVERY_NS: Final = 300 * 10**9
"""One reading in five minutes is remembered: `POINTS` of them are a day."""
LEARNT: Final = 72
"""Points before anything is judged: six hours."""
LEARNT_NS: Final = LEARNT * EVERY_NS
NORMAL: Final = 1.4826
FLAT: Final = 0.01
LEAST: Final = 1e-9


@dataclass(slots=True)
class Baseline:
    """One series' last day."""

    points: "array[float]" = field(default_factory=lambda: array("d"))
    last_ns: int = 0
    usual: float = 0.0
    spread: float = 0.0

    def deviation(self, value: float, at_ns: int) -> float | None:
        """How many times the usual spread `value` lies above (or, negative, below) the usual; None while learning."""
        score = (value - self.usual) / self.spread if len(self.points) >= LEARNT else None
        if at_ns - self.last_ns >= EVERY_NS:
            self._remember(value, at_ns)
        return score

    def _remember(self, value: float, at_ns: int) -> None:
        self.last_ns = at_ns
        self.points.append(value)
        del self.points[:-POINTS]
        self.usual = median(self.points)
        spread = NORMAL * median(abs(point - self.usual) for point in self.points)
        self.spread = max(spread, FLAT * abs(self.usual), LEAST)
