# SPDX-License-Identifier: Apache-2.0
"""What became of alerts, read from their history, and how far each notifier is done with it."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from giamsat_collector.alerts import ledger, lifecycle
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.alerts.lifecycle import Action
from giamsat_collector.alerts.tables import alerts, changes
from giamsat_collector.notify_settings import What
from giamsat_collector.notifying.tables import told

ACTIONS: Final[Mapping[str, What]] = {
    lifecycle.OPENED: What.OPEN,
    lifecycle.SURFACED: What.OPEN,
    lifecycle.RELEASED: What.OPEN,
    lifecycle.CAUSED: What.CLOSE,
    lifecycle.UNFOLDED: What.OPEN,
    lifecycle.FOLDED: What.CLOSE,
    Action.REOPEN: What.REOPEN,
    Action.RESOLVE: What.CLOSE,
    Action.FALSE_POSITIVE: What.CLOSE,
}
"""The rows of an alert's history that others may want to hear of."""


def since(connection: Connection, number: int, most: int) -> list[tuple[int, What, int, Alert]]:
    """What happened after a row of the history, oldest first: its number, what, when, and the alert as it is now.

    Of one for which another stands only that it went from the queue behind that one is told, as its end.
    """
    news = or_(alerts.c.cause.is_(None), changes.c.action.in_((lifecycle.CAUSED, lifecycle.FOLDED)))
    rows = connection.execute(
        select(changes.c.id.label("number"), changes.c.action, changes.c.at_ns, alerts)
        .join(alerts, alerts.c.id == changes.c.alert)
        .where(changes.c.id > number, changes.c.action.in_(ACTIONS), news)
        .order_by(changes.c.id)
        .limit(most)
    )
    return [(row["number"], ACTIONS[row["action"]], row["at_ns"], ledger.alert_of(row)) for row in rows.mappings()]


def newest(connection: Connection) -> int:
    """The last row of the history; 0 when there is none."""
    return connection.scalar(select(func.max(changes.c.id))) or 0


def reached(connection: Connection, notifier: str) -> int | None:
    """The last row a notifier is done with; None for one that has not begun."""
    return connection.scalar(select(told.c.number).where(told.c.notifier == notifier))


def begin(connection: Connection, notifier: str) -> int:
    """A notifier begins with what is still to come; the last row there is."""
    number = newest(connection)
    connection.execute(insert(told).values(notifier=notifier, number=number))
    return number


def reach(connection: Connection, notifier: str, number: int) -> None:
    """A notifier is done with everything up to this row."""
    connection.execute(update(told).where(told.c.notifier == notifier).values(number=number))


def keep_only(connection: Connection, notifiers: Iterable[str]) -> None:
    """Forget how far those have come that are no more: one that comes back begins with what is still to come."""
    connection.execute(delete(told).where(told.c.notifier.not_in(list(notifiers))))
