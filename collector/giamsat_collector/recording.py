# SPDX-License-Identifier: Apache-2.0
"""Verdicts as alerts, each where its asset stood when it happened; what falls into declared maintenance waits apart."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import Alert, Apart
from giamsat_collector.availability import maintenance
from giamsat_collector.availability.maintenance import Maintenance
from giamsat_collector.registry.record import Placement
from giamsat_collector.registry.snapshot import Registry
from giamsat_rules.verdict import Verdict


def record(
    connection: Connection, verdicts: Iterable[tuple[Verdict, bool]], registry: Registry, now_ns: int
) -> list[Alert]:
    """The alerts that verdicts change. Beside each: whether it goes on by itself until it clears, as silence does."""
    told = list(verdicts)
    if not told:
        return []
    windows = maintenance.standing(connection, min(verdict.first_ns for verdict, _ in told))
    found = []
    for verdict, goes_on in told:
        placement = registry.placement(verdict.subject.asset, verdict.last_ns)
        apart = _apart(windows, placement, verdict, goes_on=goes_on)
        found.append(ledger.record(connection, verdict, placement, now_ns, apart))
    return [alert for alert in found if alert is not None]


def withdraw(connection: Connection, number: int, *, author: str, at_ns: int) -> int:
    """Take a maintenance back; what waited apart for it comes into the queue at once; how many alerts did.

    Raises:
        RefusedError: there is none of that number, or it was taken back already.
    """
    maintenance.withdraw(connection, number, author=author, at_ns=at_ns)
    return ledger.surface_of(connection, number, at_ns)


def _apart(windows: Sequence[Maintenance], placement: Placement, verdict: Verdict, *, goes_on: bool) -> Apart | None:
    """The maintenance of the system that gives an asset its level, if it happened in one; the longest of several."""
    its = [one for one in windows if one.system == placement.system and one.silences(placement.level, verdict.first_ns)]
    if not its:
        return None
    longest = max(its, key=lambda one: one.to_ns)
    return Apart(longest.id, longest.to_ns if goes_on else None)
