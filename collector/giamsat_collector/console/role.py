# SPDX-License-Identifier: Apache-2.0
"""Who may change what: an analyst works alerts and incidents, an administrator all else. Both read everything."""

from enum import StrEnum
from typing import Final

ANALYSTS: Final = frozenset(
    {
        "/alerts/moves",
        "/alerts/{alert_id}/moves",
        "/alerts/{alert_id}/hide",
        "/incidents",
        "/incidents/{number}",
        "/suppressions/{number}",
        "/sessions",
        "/api/v1/alerts/{alert_id}/moves",
        "/api/v1/incidents",
        "/api/v1/incidents/{number}/moves",
    }
)
"""Routes an analyst may send a form to. One that is not named here is for administrators."""


class Role(StrEnum):
    """What an account is for."""

    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"

    def may(self, route: str) -> bool:
        """Whether it may send a form to a route, by its path as the route declares it."""
        return self is Role.ADMINISTRATOR or route in ANALYSTS
