# SPDX-License-Identifier: Apache-2.0
"""What the command line asks about the completeness of what is known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from giamsat_collector.control.server import Command
from giamsat_collector.coverage.completeness import HOURS, Completeness, Ledger
from giamsat_collector.coverage.source_minutes import Minute
from giamsat_collector.coverage.source_troubles import troubles
from giamsat_collector.coverage.sources import MINUTE_NS, Source, step_of
from giamsat_collector.event_time import instant
from giamsat_collector.preconditions import must_be_registered
from giamsat_collector.registry.snapshot import Registry

COUNTED: Final = ("produced", "throttled", "dropped", "spooled", "received", "lost")


@dataclass(frozen=True, slots=True)
class LedgerCommands:
    """Commands of the administration socket about completeness."""

    ledger: Ledger
    registry: Registry

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {"coverage.ledger": self.show, "coverage.sources": self.sources}

    async def show(self, asset: str, hours: int = HOURS) -> dict[str, Any]:
        """What is known of a host by the hour, and what is lacking."""
        must_be_registered("asset", asset, {one.asset for one in self.registry})
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
            "sources": [_source(name, found) for name in sorted({*found.sources, *found.totals})],
            "minutes": [_minute(one) for one in found.minutes],
            "counters": dict(found.counters),
        }

    async def sources(self, unit: str = "") -> list[dict[str, Any]]:
        """Every source that stopped, loses, is throttled or waits; of a unit and the units below it, or of all."""
        units, now_ns = self.registry.units, self.ledger.clock.wall_ns()
        parents = {one.id: one.parent for one in units.values()}
        places = [one for one in self.registry if not unit or unit in {one.unit, parents.get(one.unit)}]
        return [
            {
                "asset": one.place.asset,
                "name": one.place.name,
                "unit": one.place.unit,
                "source": one.name,
                **_condition(one.name, one.source, now_ns),
            }
            for one in await troubles(places, self.ledger.books, now_ns)
        ]


def _source(name: str, found: Completeness) -> dict[str, Any]:
    source = found.sources.get(name, Source(None, None, 0, 0, 0))
    total = found.totals.get(name, Minute(found.asset, 0, name))
    return {"source": name, **_condition(name, source, found.now_ns), **_counts(total), "spooled": source.spooled}


def _condition(name: str, source: Source, now_ns: int) -> dict[str, Any]:
    condition = source.condition(now_ns)
    step = step_of(name, condition)
    return {
        "condition": condition.value,
        "heard": None if source.heard_ns is None else instant(source.heard_ns),
        "step": step and {"vi": step.vi, "en": step.en},
    }


def _minute(one: Minute) -> dict[str, Any]:
    return {"minute": instant(one.minute * MINUTE_NS), "source": one.source, **_counts(one)}


def _counts(one: Minute) -> dict[str, int]:
    return {name: getattr(one, name) for name in COUNTED}
