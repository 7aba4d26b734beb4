# SPDX-License-Identifier: Apache-2.0
"""Several months of every system, one after the other, and together."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import Connection

from giamsat_collector.availability import month
from giamsat_collector.availability.minutes import Tally, together
from giamsat_collector.availability.month import Month


@dataclass(frozen=True, slots=True)
class Months:
    """Months in order, each as far as it has passed."""

    months: tuple[Month, ...]

    @property
    def systems(self) -> frozenset[str]:
        """Every system that was checked in one of them."""
        return frozenset(system for one in self.months for system in one.systems)

    def each(self, system: str) -> tuple[Tally | None, ...]:
        """How a system did in each; None where it was not checked."""
        return tuple(one.systems[system].whole if system in one.systems else None for one in self.months)

    def whole(self, system: str) -> Tally:
        """How it did in the months in which it was checked."""
        return together(one for one in self.each(system) if one is not None)


def read(
    connection: Connection, belonging: Mapping[str, Mapping[str, Collection[str]]], zone: tzinfo, now_ns: int
) -> Months:
    """The months of these names, such as 2026-10, that have begun; each with the assets of every system in it."""
    begun = [name for name in belonging if name <= month.current(zone, now_ns)]
    return Months(
        tuple(month.read(connection, name, month.span(name, zone, now_ns), belonging[name]) for name in begun)
    )
