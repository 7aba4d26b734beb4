# SPDX-License-Identifier: Apache-2.0
"""Which of the alerts somebody wants to hear of. Decides only."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.notify_settings import What


@dataclass(frozen=True, slots=True)
class Wanted:
    """Alerts of this priority or more urgent (1 first), of these units and those below them; no unit is every one."""

    priority: int = 2
    units: frozenset[str] = field(default_factory=frozenset)
    what: frozenset[What] = frozenset({What.OPEN, What.REOPEN})

    def fits(self, what: What, alert: Alert, within: Callable[[str], AbstractSet[str]]) -> bool:
        """Whether it is to be told; `within` are a unit and all above it. What waits apart is nobody's news."""
        if what not in self.what or alert.priority > self.priority or alert.maintenance is not None:
            return False
        return not self.units or bool(self.units & within(alert.unit))
