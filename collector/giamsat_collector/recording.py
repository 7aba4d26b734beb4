# SPDX-License-Identifier: Apache-2.0
"""Verdicts as alerts, each where its asset stood when it happened; what falls into declared maintenance waits apart."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from giamsat_collector.alerts import ledger
from giamsat_collector.alerts.alert import Alert, Apart
from giamsat_collector.alerts.ledger import Entry
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
    entries = []
    for verdict, goes_on in told:
        placement = registry.placement(verdict.subject.asset, verdict.last_ns)
        systems = _systems(placement, registry) if windows else set()
        apart = _apart(windows, systems, placement.level, verdict, goes_on=goes_on)
        entries.append(Entry(verdict, placement, apart))
    return ledger.record(connection, entries, now_ns)


def withdraw(connection: Connection, number: int, *, author: str, at_ns: int) -> int:
    """Take a maintenance back; what waited apart for it comes into the queue at once; how many alerts did.

    Raises:
        RefusedError: there is none of that number, or it was taken back already.
    """
    maintenance.withdraw(connection, number, author=author, at_ns=at_ns)
    return ledger.surface_of(connection, number, at_ns)


def _systems(placement: Placement, registry: Registry) -> set[str | None]:
    """The system that gives an asset its level; of a unit those of all its assets. None is an asset of none."""
    if not placement.unit or placement.asset != placement.unit:
        return {placement.system}
    return {one.system for one in registry if one.unit == placement.unit}


def _apart(
    windows: Sequence[Maintenance], systems: set[str | None], level: int | None, verdict: Verdict, *, goes_on: bool
) -> Apart | None:
    """The maintenance it happened in: one of each system it is about, the longest of several, that which ends first."""
    silencing = sorted((one for one in windows if one.silences(level, verdict.first_ns)), key=lambda one: one.to_ns)
    longest = {one.system: one for one in silencing}
    if not systems or systems - longest.keys():
        return None
    first = min((one for one in longest.values() if one.system in systems), key=lambda one: one.to_ns)
    return Apart(first.id, first.to_ns if goes_on else None)
