# SPDX-License-Identifier: Apache-2.0
"""Records as they were on any day: what facts make of them. No rows, no clock.

A fact says what some fields of a record are from a moment on. A record on a day is all its facts that hold by then, one
over the other: those from earlier first, of the same moment those told first. So a fact told late corrects the time
between it and the next fact on the same field, and nothing else. A record without facts has always been as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias, TypeVar

from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind

Fields = Mapping[str, Any]
Record: TypeAlias = Unit | System | Asset
Placed = TypeVar("Placed", System, Asset)
HEIRS: Final = 64
"""Successions that are followed from one unit."""


class Kind(StrEnum):
    """What a record is about."""

    UNIT = "unit"
    SYSTEM = "system"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Key:
    """Which record."""

    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What fields of a record are from a moment (UNIX nanoseconds) on; 0 is always. One not told yet is told at 0."""

    key: Key
    from_ns: int
    fields: Fields
    told_ns: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The registry at one moment, without what has ended; what stood in a unit that ended stands in its successor."""

    units: Mapping[str, Unit]
    systems: Mapping[str, System]
    assets: Mapping[str, Asset]


class History:
    """Records that have always been as they are, and facts of the others in the order in which they were told."""

    def __init__(self, always: Mapping[Key, Record], facts: Iterable[Fact] = ()) -> None:
        self._always = always
        self._facts: dict[Key, list[Fact]] = {}
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """One more fact, told after all others."""
        known = self._facts.get(fact.key)
        if known is None:
            always = self._always.get(fact.key)
            known = self._facts[fact.key] = [] if always is None else [Fact(fact.key, 0, as_fields(always))]
        known.append(fact)
        known.sort(key=lambda one: one.from_ns)

    def ids(self, kind: Kind) -> set[str]:
        """Every record of a kind that is known of, whenever it stood."""
        return {key.id for key in (*self._always, *self._facts) if key.kind is kind}

    def moments(self, key: Key) -> tuple[int, ...]:
        """When a record began and changed; empty for one that has always been as it is."""
        return tuple(fact.from_ns for fact in self._facts.get(key, ()))

    def learned(self, key: Key) -> tuple[int, ...]:
        """When each fact of a record both was told and held."""
        return tuple(max(fact.from_ns, fact.told_ns) for fact in self._facts.get(key, ()))

    def successors(self, unit: str) -> tuple[str, ...]:
        """Every unit that was ever said to follow a unit."""
        facts = self._facts.get(Key(Kind.UNIT, unit), ())
        return tuple(fact.fields["successor"] for fact in facts if fact.fields.get("successor"))

    def ends(self, unit: str) -> tuple[int, ...]:
        """The moments for which an end of a unit was ever told."""
        return tuple(fact.from_ns for fact in self._facts.get(Key(Kind.UNIT, unit), ()) if fact.fields.get("valid_to"))

    def fields(self, key: Key, at_ns: int, told_ns: int | None = None) -> Fields | None:
        """A record at a moment, by what was told up to another if one is given; None when there was none."""
        facts = self._facts.get(key)
        if facts is None:
            always = self._always.get(key)
            return None if always is None else as_fields(always)
        merged: dict[str, Any] = {}
        for fact in facts:
            if fact.from_ns <= at_ns and (told_ns is None or fact.told_ns <= told_ns):
                merged |= fact.fields
        return merged or None

    def unit(self, unit: str, at_ns: int) -> Unit | None:
        """A unit at a moment."""
        found = self.fields(Key(Kind.UNIT, unit), at_ns)
        return None if found is None else as_unit(found)

    def heir(self, unit: str, at_ns: int) -> str:
        """The unit that stands in the place of a unit at a moment: itself as long as it has no successor."""
        for _ in range(HEIRS):
            found = self.unit(unit, at_ns)
            if found is None or not found.valid_to or not found.successor:
                break
            unit = found.successor
        return unit

    def system(self, system: str, at_ns: int) -> System | None:
        """A system at a moment, in the unit that stood then."""
        found = self.fields(Key(Kind.SYSTEM, system), at_ns)
        return None if found is None else self._placed(as_system(found), at_ns)

    def asset(self, asset: str, at_ns: int) -> Asset | None:
        """An asset at a moment, in the unit that stood then."""
        found = self.fields(Key(Kind.ASSET, asset), at_ns)
        return None if found is None else self._placed(as_asset(found), at_ns)

    def standing(self, at_ns: int) -> Standing:
        """Everything at one moment."""
        units = {one: self.unit(one, at_ns) for one in sorted(self.ids(Kind.UNIT))}
        systems = {one: self.system(one, at_ns) for one in sorted(self.ids(Kind.SYSTEM))}
        assets = {one: self.asset(one, at_ns) for one in sorted(self.ids(Kind.ASSET))}
        return Standing(
            {one: unit for one, unit in units.items() if unit is not None and not unit.valid_to},
            {one: system for one, system in systems.items() if system is not None and not system.valid_to},
            {one: asset for one, asset in assets.items() if asset is not None},
        )

    def _placed(self, record: Placed, at_ns: int) -> Placed:
        heir = self.heir(record.unit, at_ns)
        return record if heir == record.unit else replace(record, unit=heir)


def as_fields(record: Record) -> dict[str, Any]:
    """A record's fields as JSON holds them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(record).items()}


def key_of(record: Record) -> Key:
    """Which record it is."""
    kinds = {Unit: Kind.UNIT, System: Kind.SYSTEM, Asset: Kind.ASSET}
    return Key(kinds[type(record)], record.id)


def as_unit(found: Fields) -> Unit:
    """The unit these fields make; a field of a newer version is passed by."""
    return Unit(**{**_of(Unit, found), "kind": UnitKind(found["kind"])})


def as_system(found: Fields) -> System:
    """Likewise a system."""
    return System(**_of(System, found))


def as_asset(found: Fields) -> Asset:
    """Likewise an asset."""
    return Asset(**{**_of(Asset, found), "kind": AssetKind(found["kind"]), "systems": tuple(found["systems"])})


def _of(kind: type[Record], found: Fields) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in found.items() if name in names}
