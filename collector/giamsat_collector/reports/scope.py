# SPDX-License-Identifier: Apache-2.0
"""Who a report is about: units as they stood in the period, or everything mapped to the units that stand now."""

from collections.abc import Mapping
from dataclasses import dataclass

from giamsat_collector.registry.history import History, Kind


@dataclass(frozen=True, slots=True)
class Scope:
    """The registry at `at_ns`, the last moment of a period or now; units of before are mapped to those of then."""

    history: History
    at_ns: int

    def unit_of(self, unit: str) -> str:
        """The unit what happened in a unit is counted for."""
        return self.history.heir(unit, self.at_ns)

    def name(self, unit: str) -> str:
        """What a unit is called."""
        found = self.history.unit(unit, self.at_ns)
        return found.name if found else unit

    def predecessors(self, unit: str) -> tuple[str, ...]:
        """The units that are counted for this one."""
        every = sorted(self.history.ids(Kind.UNIT))
        return tuple(one for one in every if one != unit and self.unit_of(one) == unit)

    def hosts(self, known: Mapping[str, int]) -> Mapping[str, int]:
        """How many of these assets stand in each unit."""
        found: dict[str, int] = {}
        for asset in known:
            placed = self.history.asset(asset, self.at_ns)
            if placed is not None:
                found[placed.unit] = found.get(placed.unit, 0) + 1
        return found

    def system_name(self, system: str) -> str:
        """What an information system is called."""
        found = self.history.system(system, self.at_ns)
        return found.name if found else system

    def asset_name(self, asset: str) -> str:
        """What an asset is called."""
        found = self.history.asset(asset, self.at_ns)
        return found.name if found else asset
