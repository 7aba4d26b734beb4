# SPDX-License-Identifier: Apache-2.0
"""The registry's rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.tables import assets, memberships, systems, units


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
    """Add assets, or replace those with the same id, and set the systems they belong to."""
    rows = [{"id": one.id, "name": one.name, "kind": one.kind, "unit": one.unit, "since_ns": at_ns} for one in wanted]
    _put(connection, assets, rows)
    for one in wanted:
        connection.execute(delete(memberships).where(memberships.c.asset == one.id))
        if one.systems:
            connection.execute(insert(memberships), [{"asset": one.id, "system": system} for system in one.systems])


def host_enrolled(
    connection: Connection, *, agent_id: str, unit: str, system: str | None, hostname: str, at_ns: int
) -> None:
    """Make the asset of a host that has just been enrolled; its id is the agent's."""
    put_assets(connection, [Asset(agent_id, hostname, AssetKind.HOST, unit, (system,) if system else ())], at_ns)


def link(connection: Connection, asset: str, system: str) -> None:
    """Say that an asset belongs to a system.

    Raises:
        RefusedError: there is no such asset or system.
    """
    _must_exist(connection, assets, asset, "asset", "registry assets")
    _must_exist(connection, systems, system, "system", "registry systems")
    known = connection.scalar(select(func.count()).where(memberships.c.asset == asset, memberships.c.system == system))
    if not known:
        connection.execute(insert(memberships).values(asset=asset, system=system))


def unlink(connection: Connection, asset: str, system: str) -> None:
    """Say that an asset no longer belongs to a system.

    Raises:
        RefusedError: it did not belong to it.
    """
    gone = connection.execute(
        delete(memberships).where(memberships.c.asset == asset, memberships.c.system == system)
    ).rowcount
    if not gone:
        raise RefusedError(f"{asset} does not belong to {system}; 'registry assets' shows what belongs where")


def unit_exists(connection: Connection, unit: str) -> bool:
    """Whether a unit with this id is registered."""
    return connection.scalar(select(func.count()).where(units.c.id == unit)) == 1


def system_exists(connection: Connection, system: str) -> bool:
    """Whether a system with this id is registered."""
    return connection.scalar(select(func.count()).where(systems.c.id == system)) == 1


def _put(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    known = set(connection.scalars(select(table.c.id)))
    fresh = [row for row in rows if row["id"] not in known]
    if fresh:
        connection.execute(insert(table), fresh)
    for row in rows:
        if row["id"] in known:
            connection.execute(update(table).where(table.c.id == row["id"]).values(**row))


def _must_exist(connection: Connection, table: Table, identity: str, what: str, listing: str) -> None:
    if connection.scalar(select(func.count()).where(table.c.id == identity)) != 1:
        raise RefusedError(f"no such {what}: {identity}; 'giamsat-collector {listing}' shows those there are")
