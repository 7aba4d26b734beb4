# SPDX-License-Identifier: Apache-2.0
"""What a person is shown before units end: what would be told, what stands in them, and a mark of exactly that."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.history import History
from giamsat_collector.registry.intake import Plan
from giamsat_collector.registry.record import Asset, System


@dataclass(frozen=True, slots=True)
class Leaving:
    """A unit that ends, with the systems and assets that stand in it now, by id."""

    unit: str
    name: str
    systems: tuple[System, ...] = ()
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan, and the units that would end."""

    plan: Plan = field(default_factory=Plan)
    leaving: tuple[Leaving, ...] = ()

    @property
    def mark(self) -> str:
        """What tells this from every other preview; empty where nothing can be carried out."""
        if self.plan.problems or not self.plan.facts:
            return ""
        return hashlib.sha256(repr((self.plan.facts, self.plan.steps, self.leaving)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody was shown and agreed to: the units that would end, and the mark of the preview."""

    units: Sequence[str]
    mark: str


def leaving(connection: Connection, units: Sequence[str]) -> tuple[Leaving, ...]:
    """What stands in units; what stood in one that has ended stands in its successor."""
    standing = fact_ledger.standing(connection)
    past = History(standing)
    systems: dict[str, list[System]] = defaultdict(list)
    assets: dict[str, list[Asset]] = defaultdict(list)
    for record in sorted(standing.values(), key=lambda one: one.id):
        if isinstance(record, System) and not record.valid_to:
            systems[record.unit].append(record)
        elif isinstance(record, Asset):
            assets[record.unit].append(record)
    homes: dict[str, list[str]] = defaultdict(list)
    for home in sorted({*systems, *assets}):
        homes[past.heir(home, 0)].append(home)
    return tuple(
        Leaving(
            unit=unit,
            name=found.name if (found := past.unit(unit, 0)) else unit,
            systems=tuple(one for home in homes[unit] for one in systems[home]),
            assets=tuple(one for home in homes[unit] for one in assets[home]),
        )
        for unit in units
    )
