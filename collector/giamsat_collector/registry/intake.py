# SPDX-License-Identifier: Apache-2.0
"""An import from first byte to last row: checked against the registry, shown as a difference, then done whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Generic, TypeVar

from sqlalchemy import Connection

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import importing, rows
from giamsat_collector.registry.importing import Problem
from giamsat_collector.registry.record import Asset, System, Unit

Record = TypeVar("Record", Unit, System, Asset)


@dataclass(frozen=True, slots=True)
class Difference(Generic[Record]):
    """What an import would do to one kind of record. Nothing is ever removed by an import."""

    added: tuple[Record, ...] = ()
    changed: tuple[Record, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole import: what it would do, and everything that stands in its way."""

    units: Difference[Unit] = field(default_factory=Difference)
    systems: Difference[System] = field(default_factory=Difference)
    assets: Difference[Asset] = field(default_factory=Difference)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a CSV file and the name it is called by in messages."""

    name: str
    data: bytes


def plan(
    connection: Connection, *, units: File | None = None, systems: File | None = None, assets: File | None = None
) -> Plan:
    """Check files against each other and the registry; nothing is written."""
    problems: list[Problem] = []
    known_units, known_systems = rows.all_units(connection), rows.all_systems(connection)
    known_assets = rows.all_assets(connection)
    wanted_units: Sequence[Unit] = ()
    wanted_systems: Sequence[System] = ()
    wanted_assets: Sequence[Asset] = ()
    if units:
        read_units = importing.read_units(units.data, units.name)
        wanted_units = read_units.records
        problems += read_units.problems
    unit_ids = {*known_units, *(unit.id for unit in wanted_units)}
    if systems:
        read_systems = importing.read_systems(systems.data, systems.name, unit_ids)
        wanted_systems = read_systems.records
        problems += read_systems.problems
    system_ids = {*known_systems, *(system.id for system in wanted_systems)}
    if assets:
        read_assets = importing.read_assets(assets.data, assets.name, unit_ids, system_ids)
        wanted_assets = read_assets.records
        problems += read_assets.problems
    return Plan(
        _difference(known_units, wanted_units),
        _difference(known_systems, wanted_systems),
        _difference(known_assets, wanted_assets),
        tuple(problems),
    )


def carry_out(connection: Connection, plan: Plan, at_ns: int) -> None:
    """Do what a plan says.

    Raises:
        RefusedError: the plan has problems; nothing was written.
    """
    if plan.problems:
        raise RefusedError("\n".join(map(str, plan.problems)))
    rows.put_units(connection, plan.units.added + plan.units.changed)
    rows.put_systems(connection, plan.systems.added + plan.systems.changed)
    rows.put_assets(connection, plan.assets.added + plan.assets.changed, at_ns)


def example_files() -> tuple[File, File]:
    """The units of Nghệ An in 2023, and as many example systems as the province has real ones."""
    folder = resources.files("giamsat_collector.registry").joinpath("example")
    names = ("units.csv", "systems.csv")
    units, systems = (File(f"example/{name}", folder.joinpath(name).read_bytes()) for name in names)
    return units, systems


def _difference(known: Mapping[str, Record], wanted: Sequence[Record]) -> Difference[Record]:
    return Difference(
        added=tuple(record for record in wanted if record.id not in known),
        changed=tuple(record for record in wanted if record.id in known and known[record.id] != record),
        unchanged=sum(known.get(record.id) == record for record in wanted),
    )
