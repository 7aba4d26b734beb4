# SPDX-License-Identifier: Apache-2.0
"""What asks for the password again: acts that a stranger at an unlocked screen must not do in somebody's name."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from giamsat_wire.clock import SECOND_NS

LASTS: Final = timedelta(minutes=5)
"""For so long a password that was given counts, a login's too."""
EVERY: Final = frozenset[str]()
OF_INCIDENTS: Final = frozenset({"assess", "detected", "sent", "withdraw", "close"})
"""What decides about reports to authorities, or says that they were sent."""
WEIGHTY: Final[Mapping[str, frozenset[str]]] = {
    "/tokens/{token}": EVERY,
    "/sessions": EVERY,
    "/units": frozenset({"change"}),
    "/suppressions/{number}": frozenset({"agree"}),
    "/incidents/{number}": OF_INCIDENTS,
    "/api/v1/incidents/{number}/moves": OF_INCIDENTS,
    "/availability/maintenance/{number}": frozenset({"agree"}),
}
"""Routes by their paths as they are declared, and the actions of their forms; `EVERY`: whatever the form asks."""
LIGHT: Final = frozenset(
    {
        "/logout",
        "/password",
        "/alerts/moves",
        "/alerts/{alert_id}/moves",
        "/alerts/{alert_id}/hide",
        "/incidents",
        "/api/v1/alerts/{alert_id}/moves",
        "/api/v1/incidents",
    }
)
"""Routes of which nothing asks again. One that is named nowhere is weighty."""


def is_weighty(route: str, action: str) -> bool:
    """Whether what a form asks takes a password that was given lately."""
    if route in LIGHT:
        return False
    actions = WEIGHTY.get(route, EVERY)
    return actions is EVERY or action in actions


def is_recent(proved_ns: int, now_ns: int) -> bool:
    """Whether a password that was given then still counts."""
    return 0 <= now_ns - proved_ns <= int(LASTS.total_seconds()) * SECOND_NS
