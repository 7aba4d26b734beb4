# SPDX-License-Identifier: Apache-2.0
"""The registry as the pipeline and the console look things up: whole, in memory, replaced when it changes."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter
from typing import Final

from sqlalchemy import Connection

from giamsat_collector.own_host import LEVEL, NAME, SELF
from giamsat_collector.preconditions import must_be_registered
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.history import HEIRS, History, Key, Kind, as_asset, as_system
from giamsat_collector.registry.record import Asset, Placement, System, Unit
from giamsat_collector.store import Store
from giamsat_rules.verdict import Subject

OURS: Final = Placement(SELF, NAME, "", "", None, LEVEL)
"""Where the collector itself stands as long as nobody registers it."""
UNCLASSIFIED: Final = 6
"""The rank of a system whose level pack nobody has: above every level."""


@dataclass(frozen=True, slots=True)
class _Stay:
    """Where an asset stands from a moment on."""

    from_ns: int
    placement: Placement


class Registry:
    """Answers who is watched, where it belongs and at which level: as it stands, and as it stood at any moment.

    `units` and `systems` are those that stand. A system and an asset of a unit that ended stand in its successor.
    `known` says whether there is a level pack of this name: a system whose pack nobody has is unclassified.
    """

    def __init__(self, known: Callable[[str], bool] = bool) -> None:
        self._known = known
        self.units: Mapping[str, Unit] = {}
        self.systems: Mapping[str, System] = {}
        self._ended: Mapping[str, Unit] = {}
        self._placements: Mapping[str, Placement] = {}
        self._sites: Mapping[str, Placement] = {}
        self._systems_of: Mapping[str, Sequence[str]] = {}
        self._stays: Mapping[str, Sequence[_Stay]] = {}
        self._subjects: Mapping[str, Subject] = {}
        self._risen: Mapping[tuple[int | None, int | None], int] = {}
        self._one_at_a_time = asyncio.Lock()
        self._asked = self._answered = 0

    async def follow(self, store: Store) -> None:
        """Know everything that was committed until now: read one after the other, so that what was read last counts.

        Who asks while it is being read shares the next reading: hosts of a whole province enrol in one morning.
        """
        self._asked += 1
        mine = self._asked
        async with self._one_at_a_time:
            if self._answered < mine:
                asked = self._asked
                await store.read(self.load)
                self._answered = asked

    def load(self, connection: Connection) -> None:
        """Replace everything with what the database holds now."""
        standing = fact_ledger.standing(connection)
        units = [record for record in standing.values() if isinstance(record, Unit)]
        self.units = {unit.id: unit for unit in units if not unit.valid_to}
        self._ended = {unit.id: unit for unit in units if unit.valid_to}
        systems = [record for record in standing.values() if isinstance(record, System) and not record.valid_to]
        self.systems = {one.id: replace(one, unit=self.heir(one.unit)) for one in systems}
        assets = [record for record in standing.values() if isinstance(record, Asset)]
        self._placements = {one.id: self._place(one) for one in assets}
        self._systems_of = {one.id: [each for each in one.systems if each in self.systems] for one in assets}
        self._sites = _sites(self._placements.values())
        past = fact_ledger.changed(connection, standing)
        self._stays = {one.id: stays for one in assets if (stays := self._stays_of(past, one))}
        self._subjects = {one.id: _subject(self.placement(one.id)) for one in assets if one.id not in self._stays}
        self._risen = self._rises(past)

    def within(self, unit: str) -> frozenset[str]:
        """The units that are this one, or stand below it.

        Raises:
            RefusedError: nobody knows it.
        """
        found = frozenset(one.id for one in self.units.values() if unit in {one.id, one.parent})
        if not found:
            must_be_registered("unit", unit, self.units.keys() | {one.parent for one in self.units.values()})
        return found

    def placement(self, asset: str, at_ns: int | None = None) -> Placement:
        """Where an asset stands, or stood at a moment; one that nobody registered stands nowhere, unclassified.

        A unit, by its id, stands in itself at the highest level of what is watched there.
        """
        stays = self._stays.get(asset, ())
        if at_ns is not None and stays:
            return stays[max(0, bisect_right(stays, at_ns, key=attrgetter("from_ns")) - 1)].placement
        found = self._placements.get(asset) or self._sites.get(asset)
        return found or (OURS if asset == SELF else Placement(asset, asset, "", "", None, None))

    def level(self, asset: str, at_ns: int | None = None) -> int | None:
        """The level an asset is judged by; None is unclassified."""
        return self.placement(asset, at_ns).level

    def level_of(self, system: str) -> int | None:
        """The level of a system that stands; None is unclassified: there is none, or nobody has its pack."""
        found = self.systems.get(system)
        return found.level if found and self._known(found.pack) else None

    def systems_of(self, asset: str) -> Sequence[str]:
        """Every system that stands and that an asset belongs to."""
        return self._systems_of.get(asset, ())

    def unit(self, asset: str, at_ns: int | None = None) -> str | None:
        """The unit an asset belongs to; None for one that nobody registered."""
        return self.placement(asset, at_ns).unit or None

    def subject(self, asset: str, at_ns: int | None = None) -> Subject:
        """An asset as rules see it; of one that always stood where it stands it was made when it was loaded."""
        return self._subjects.get(asset) or _subject(self.placement(asset, at_ns))

    def risen(self) -> Iterator[tuple[int | None, int | None, int]]:
        """The levels of assets that became higher: what it was taken for, what it is, and until when at the latest.

        A decision told after the day it holds from, or correcting another, changes nothing before it is told.
        """
        for (before, now), until_ns in self._risen.items():
            yield before, now, until_ns

    def heir(self, unit: str) -> str:
        """The unit that stands now in the place of one that may have ended."""
        for _ in range(HEIRS):
            ended = self._ended.get(unit)
            if ended is None or not ended.successor:
                break
            unit = ended.successor
        return unit

    @property
    def gone(self) -> Mapping[str, Unit]:
        """The units that ended and in whose place none stands."""
        return {one.id: one for one in self._ended.values() if not one.successor}

    def with_predecessors(self, units: Iterable[str]) -> frozenset[str]:
        """These units, and every one that ended and in whose place one of them stands now."""
        wanted = frozenset(units)
        return wanted | {unit for unit in self._ended if self.heir(unit) in wanted}

    def named(self, unit: str) -> str:
        """The name of a unit that stands or has ended; of one that nobody registered, its id."""
        found = self.units.get(unit) or self._ended.get(unit)
        return found.name if found else unit

    def __iter__(self) -> Iterator[Placement]:
        return iter(self._placements.values())

    def _place(self, asset: Asset) -> Placement:
        systems = [self.systems[system] for system in asset.systems if system in self.systems]
        unit = self.heir(asset.unit)
        return self._placed(replace(asset, unit=unit), systems, self.named(unit))

    def _stays_of(self, past: History, asset: Asset) -> Sequence[_Stay]:
        """Where an asset stood from when on; empty for one that was never anywhere else."""
        places = (Key(Kind.UNIT, asset.unit), *(Key(Kind.SYSTEM, system) for system in asset.systems))
        if asset.unit in self.units and not any(map(past.moments, (Key(Kind.ASSET, asset.id), *places))):
            return ()  # as nearly all: none of them is read as of any day
        return [_Stay(at_ns, self._stood(past, asset.id, at_ns)) for at_ns in sorted(_moments(past, asset.id))]

    def _stood(self, past: History, asset: str, at_ns: int) -> Placement:
        found = past.asset(asset, at_ns)
        if found is None:
            return Placement(asset, asset, "", "", None, None)
        systems = [past.system(system, at_ns) for system in found.systems]
        unit = past.unit(found.unit, at_ns)
        stood = [system for system in systems if system is not None and not system.valid_to]
        return self._placed(found, stood, unit.name if unit else found.unit)

    def _rises(self, past: History) -> Mapping[tuple[int | None, int | None], int]:
        found: dict[tuple[int | None, int | None], int] = {}
        for asset in self._stays:
            now = self._placements[asset].level
            for at_ns, until_ns in pairwise(sorted(_learned(past, asset))):
                before = self._taken_for(past, asset, at_ns)
                if (before or UNCLASSIFIED) < (now or UNCLASSIFIED):
                    found[before, now] = max(until_ns, found.get((before, now), 0))
        return found

    def _taken_for(self, past: History, asset: str, at_ns: int) -> int | None:
        """The level of an asset at a moment by what had been told by then."""
        found = past.fields(Key(Kind.ASSET, asset), at_ns, at_ns)
        if found is None:
            return None
        one = as_asset(found)
        known = [past.fields(Key(Kind.SYSTEM, system), at_ns, at_ns) for system in one.systems]
        systems = [as_system(fields) for fields in known if fields is not None]
        return self._placed(one, [system for system in systems if not system.valid_to], "").level

    def _placed(self, asset: Asset, systems: Sequence[System], unit_name: str) -> Placement:
        """The place its highest system gives an asset; one that cannot be classified is higher than any."""
        ranks = {system.id: system.level if self._known(system.pack) else UNCLASSIFIED for system in systems}
        highest = max(systems, key=lambda system: ranks[system.id], default=None)
        return Placement(
            asset=asset.id,
            name=asset.name,
            unit=asset.unit,
            unit_name=unit_name,
            system=highest.id if highest else None,
            level=highest.level if highest and ranks[highest.id] != UNCLASSIFIED else None,
            pack=highest.pack if highest else None,
        )


def _sites(places: Iterable[Placement]) -> Mapping[str, Placement]:
    """Units as places of their own, each at the highest level of its assets; unclassified is higher than any."""
    found: dict[str, Placement] = {}
    for place in sorted(places, key=lambda place: place.level or UNCLASSIFIED):
        if place.unit:
            found[place.unit] = replace(place, asset=place.unit, name=place.unit_name, system=None)
    return found


def _subject(place: Placement) -> Subject:
    return Subject(place.asset, place.level, place.unit or None, place.system, place.pack)


def _moments(past: History, asset: str) -> set[int]:
    """When an asset, a system it ever belonged to or a unit it ever stood in changed."""
    every = past.moments(Key(Kind.ASSET, asset))
    found = set(every)
    stood = [one for at_ns in every or (0,) if (one := past.asset(asset, at_ns)) is not None]
    for system in {system for one in stood for system in one.systems}:
        found |= set(past.moments(Key(Kind.SYSTEM, system)))
    units = list(dict.fromkeys(one.unit for one in stood))
    for unit in units:
        found |= set(past.moments(Key(Kind.UNIT, unit)))
        units += [heir for heir in past.successors(unit) if heir not in units]
    return found


def _learned(past: History, asset: str) -> set[int]:
    """When something of an asset or of a system it ever belonged to came to be both known and so."""
    key = Key(Kind.ASSET, asset)
    every = past.learned(key)
    known = [fields for at_ns in every or (0,) if (fields := past.fields(key, at_ns, at_ns)) is not None]
    found = set(every)
    for system in {system for fields in known for system in fields["systems"]}:
        found |= set(past.learned(Key(Kind.SYSTEM, system)))
    return found
