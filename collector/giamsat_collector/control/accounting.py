# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about the completeness of what is known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from giamsat_collector.alerts.shape import instant
from giamsat_collector.control.server import Command
from giamsat_collector.coverage.completeness import HOURS, Ledger
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.snapshot import Registry


@dataclass(frozen=True, slots=True)
class Accounting:
    """Commands of the administration socket about completeness."""

    ledger: Ledger
    registry: Registry

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {"coverage.ledger": self.show}

    async def show(self, asset: str, hours: int = HOURS) -> dict[str, Any]:
        """What is known of a host by the hour, and what is lacking."""
        if asset not in {one.asset for one in self.registry}:
            raise RefusedError(
                f"no such asset: {asset[:64]}; 'giamsat-collector registry assets' shows those there are"
            )
        found = await self.ledger.of(asset, hours)
        return {
            "asset": asset,
            "hours": [
                {
                    "hour": instant(line.hour.start_ns),
                    "data": line.data.value,
                    "minutes": line.hour.minutes,
                    "owed_minutes": line.owed_minutes,
                    "received": {lane.name.lower(): count for lane, count in line.hour.frames.items()},
                    "lost": line.hour.lost,
                    "unread": line.hour.unread,
                    "alerts": line.alerts,
                }
                for line in found.lines
            ],
            "waiting": {lane: asdict(waits) for lane, waits in found.waiting.items()},
            "sources": {source: instant(at_ns) for source, at_ns in found.sources.items()},
            "counters": dict(found.counters),
        }
