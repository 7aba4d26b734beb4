# SPDX-License-Identifier: Apache-2.0
"""The registry's rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, Table, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.history import Kind
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.tables import assets, memberships, systems, units

_LEAVES: Final = delete(memberships).where(memberships.c.asset == bindparam("gone"))


def all_units(connection: Connection) -> dict[str, Unit]:
    """Every unit by id."""
    rows = connection.execute(select(units)).mappings()
    return {row["id"]: Unit(**{**row, "kind": UnitKind(row["kind"])}) for row in rows}


def all_systems(connection: Connection) -> dict[str, System]:
    """Every system by id."""
    return {row["id"]: System(**row) for row in connection.execute(select(systems)).mappings()}


def all_assets(connection: Connection) -> dict[str, Asset]:
    """Every asset by id, with its systems in order."""
    its_systems: dict[str, list[str]] = {}
    for row in connection.execute(select(memberships).order_by(memberships.c.system)):
        its_systems.setdefault(row.asset, []).append(row.system)
    return {
        row.id: Asset(row.id, row.name, AssetKind(row.kind), row.unit, tuple(its_systems.get(row.id, ())))
        for row in connection.execute(select(assets))
    }


def put_units(connection: Connection, wanted: Iterable[Unit]) -> None:
    """Add units, or replace those with the same id."""
    _put(connection, units, [asdict(unit) for unit in wanted])


def put_systems(connection: Connection, wanted: Iterable[System]) -> None:
    """Add systems, or replace those with the same id."""
    _put(connection, systems, [asdict(system) for system in wanted])


def put_assets(connection: Connection, wanted: Sequence[Asset], at_ns: int) -> None:
    """Add assets, known since `at_ns`, or replace those with the same id, and set the systems they belong to."""
    rows = [{"id": one.id, "name": one.name, "kind": one.kind, "unit": one.unit, "since_ns": at_ns} for one in wanted]
    _put(connection, assets, rows)
    if wanted:
        connection.execute(_LEAVES, [{"gone": one.id} for one in wanted])
    belonging = [{"asset": one.id, "system": system} for one in wanted for system in one.systems]
    if belonging:
        connection.execute(insert(memberships), belonging)


def must_stand(connection: Connection, unit: str) -> None:
    """Nothing new begins in a unit that is not registered, or has ended.

    Raises:
        RefusedError: it does not stand; the message says where to look.
    """
    found = connection.execute(select(units.c.valid_to, units.c.successor).where(units.c.id == unit)).first()
    if found is None:
        raise RefusedError("no such unit: {name}; 'giamsat-collector registry units' shows those there are", name=unit)
    if found.valid_to:
        raise RefusedError(
            "unit {unit} ended on {valid_to}; take its successor: {successor}",
            unit=unit,
            valid_to=found.valid_to,
            successor=found.successor or "–",
        )


def exists(connection: Connection, kind: Kind, identity: str) -> bool:
    """Whether a record with this id stands."""
    table = {Kind.UNIT: units, Kind.SYSTEM: systems, Kind.ASSET: assets}[kind]
    return connection.scalar(select(func.count()).where(table.c.id == identity)) == 1


def _put(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Of those that are there already, everything but since when they are known."""
    if not rows:
        return
    upsert = insert(table)
    told = {name: upsert.excluded[name] for name in rows[0] if name not in {"id", "since_ns"}}
    connection.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=told), rows)
