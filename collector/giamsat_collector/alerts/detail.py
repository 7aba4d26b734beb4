# SPDX-License-Identifier: Apache-2.0
"""One alert from its rows, with what stands before it and behind it."""

from typing import Any

from sqlalchemy import Connection

from giamsat_collector.alerts import ledger, search, shape
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.search import Filter


def read(connection: Connection, alert_id: str) -> tuple[Alert, dict[str, Any]]:
    """An alert, and everything known of it as JSON; `consequences` counts also those that are closed.

    Raises:
        UnknownAlertError: there is none with this id.
    """
    alert = ledger.get(connection, alert_id)
    cause = None if alert.cause is None else ledger.get(connection, alert.cause)
    stands_for = search.behind(connection, [alert.id]).get(alert.id, 0)
    said = shape.as_full_json(alert, ledger.history(connection, alert_id), cause, stands_for)
    return alert, {**said, "consequences": search.count(connection, Filter(cause=frozenset({alert.id})))}
