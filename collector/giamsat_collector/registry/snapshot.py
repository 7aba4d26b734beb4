# SPDX-License-Identifier: Apache-2.0
"""The registry as the pipeline and the console look things up: whole, in memory, replaced when it changes."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, Placement, System, Unit


class Registry:
    """Answers who is watched, where it belongs and at which level."""

    def __init__(self) -> None:
        self.units: Mapping[str, Unit] = {}
        self.systems: Mapping[str, System] = {}
        self._placements: Mapping[str, Placement] = {}

    def load(self, connection: Connection) -> None:
        """Replace everything with what the database holds now."""
        self.units = rows.all_units(connection)
        self.systems = rows.all_systems(connection)
        self._placements = {asset.id: self._place(asset) for asset in rows.all_assets(connection).values()}

    def placement(self, asset: str) -> Placement:
        """Where an asset stands; one that nobody registered stands nowhere and is unclassified."""
        return self._placements.get(asset) or Placement(asset, asset, "", "", None, None)

    def level(self, asset: str) -> int | None:
        """The level an asset is judged by; None is unclassified."""
        return self.placement(asset).level

    def unit(self, asset: str) -> str | None:
        """The unit an asset belongs to; None for one that nobody registered."""
        return self.placement(asset).unit or None

    def __iter__(self) -> Iterator[Placement]:
        return iter(self._placements.values())

    def _place(self, asset: Asset) -> Placement:
        unit = self.units.get(asset.unit)
        known = [self.systems[system] for system in asset.systems if system in self.systems]
        highest = max(known, key=lambda system: system.level, default=None)
        return Placement(
            asset=asset.id,
            name=asset.name,
            unit=asset.unit,
            unit_name=unit.name if unit else asset.unit,
            system=highest.id if highest else None,
            level=highest.level if highest else None,
        )
