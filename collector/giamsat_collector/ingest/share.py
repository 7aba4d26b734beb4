# SPDX-License-Identifier: Apache-2.0
"""Who may send while the rules lag behind: who sends more than their share waits, so that no other one does.

An agent has a share, and a unit has one that all its agents have together, so that no unit holds up the others however
many agents it has. As long as judging keeps up, nobody is held back. What is urgent has a share of its own: an agent
chooses its lanes. Decides only.
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
OF_A_UNIT: Final = 8
"""So many agents' shares are a unit's."""


@dataclass(slots=True)
class Shares:
    """What each agent and each unit has left of its share.

    `lag_ns` tells how long the oldest frame waits for the rules, `unit` of which unit an agent is; empty: of none.
    """

    lag_ns: Callable[[], int]
    unit: Callable[[str], str] = lambda _: ""
    _left: dict[tuple[str, str, bool], tuple[float, int]] = field(default_factory=dict)

    def takes(self, agent: str, size: int, now_ns: int, *, urgent: bool) -> bool:
        """Whether an agent may send so many bytes now; they count towards its share and its unit's, or the urgent."""
        unit = self.unit(agent)
        whose = [(("agent", agent, urgent), 1), *([(("unit", unit, urgent), OF_A_UNIT)] if unit else [])]
        left = {key: self._earned(key, times, now_ns) for key, times in whose}
        may = min(left.values()) >= size or self.lag_ns() <= LAG_NS
        for key, amount in left.items():
            self._left[key] = max(0.0, amount - size) if may else amount, now_ns
        return may

    def _earned(self, key: tuple[str, str, bool], times: int, now_ns: int) -> float:
        left, at_ns = self._left.get(key, (float(times * BURST), now_ns))
        return min(float(times * BURST), left + times * RATE * max(0, now_ns - at_ns) / SECOND_NS)
