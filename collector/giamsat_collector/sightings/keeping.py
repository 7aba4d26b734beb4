# SPDX-License-Identifier: Apache-2.0
"""Sightings as rows, one for each sensor, segment and Ethernet address. Written twice it is the same."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert

from giamsat_collector.sightings.sighting import ADDRESSES, SERVICES, Sighting
from giamsat_collector.sightings.tables import sightings, watched_macs

PER_ASSET: Final = 4_096
"""When a sensor has told of more hosts, those unseen for longest go."""


def record(connection: Connection, told: Iterable[Sighting]) -> None:
    """Keep what was told; what was known of the same host stays, and the newest addresses stand last."""
    assets = set()
    for one in told:
        its = _of(one)
        known = connection.execute(select(sightings).where(its)).first()
        if known is None:
            connection.execute(insert(sightings).values(**_row(one)))
            assets.add(one.asset)
            continue
        joined = {
            "addresses": _joined(known.addresses, one.addresses)[-ADDRESSES:],
            "services": sorted({*known.services, *one.services}, key=_number)[:SERVICES],
            "name": one.name or known.name,
            "vendor_class": one.vendor_class or known.vendor_class,
            "first_ns": min(known.first_ns, one.first_ns),
            "last_ns": max(known.last_ns, one.last_ns),
        }
        connection.execute(update(sightings).where(its).values(**joined))
    for asset in assets:
        _bound(connection, asset)


def every(connection: Connection, since_ns: int = 0) -> tuple[Sighting, ...]:
    """All that are kept and were seen since a time."""
    rows = connection.execute(select(sightings).where(sightings.c.last_ns >= since_ns))
    return tuple(
        Sighting(**{**row._mapping, "addresses": tuple(row.addresses), "services": tuple(row.services)})  # noqa: SLF001
        for row in rows
    )


def forget(connection: Connection, before_ns: int, *, most: int) -> int:
    """Let go of hosts that were not seen since, the longest unseen first, so many at once; how many they were."""
    key, last_ns = sightings.primary_key.columns, sightings.c.last_ns
    oldest = select(*key).where(last_ns < before_ns).order_by(last_ns).limit(most)
    return connection.execute(delete(sightings).where(tuple_(*key).in_(oldest))).rowcount


def watched(connection: Connection) -> Mapping[str, tuple[str, str]]:
    """The Ethernet addresses of agents and of the devices they poll: by which agent, and which device."""
    # An agent's own address counts more than what a device is said to bear.
    rows = connection.execute(select(watched_macs).order_by(watched_macs.c.device.desc()))
    return {row.mac: (row.asset, row.device) for row in rows}


def keep_watched(connection: Connection, asset: str, borne: Mapping[str, str]) -> None:
    """An agent and the devices it polls bear these addresses now, and no others."""
    connection.execute(delete(watched_macs).where(watched_macs.c.asset == asset))
    connection.execute(
        insert(watched_macs), [{"asset": asset, "mac": mac, "device": device} for mac, device in borne.items()]
    )


def _row(one: Sighting) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Sighting.__slots__}
    return {**values, "addresses": list(one.addresses), "services": list(one.services)}


def _joined(known: list[str], told: tuple[str, ...]) -> list[str]:
    return [*(one for one in known if one not in told), *told]


def _number(service: str) -> tuple[str, int]:
    transport, _, port = service.partition("/")
    return transport, int(port)


def _of(one: Sighting) -> ColumnElement[bool]:
    its = sightings.c
    return and_(its.asset == one.asset, its.segment == one.segment, its.mac == one.mac)


def _bound(connection: Connection, asset: str) -> None:
    its = sightings.c.asset == asset
    over = (connection.scalar(select(func.count()).select_from(sightings).where(its)) or 0) - PER_ASSET
    if over > 0:
        oldest = select(sightings.c.segment, sightings.c.mac).where(its).order_by(sightings.c.last_ns).limit(over)
        for segment, mac in connection.execute(oldest).all():
            where = and_(its, sightings.c.segment == segment, sightings.c.mac == mac)
            connection.execute(delete(sightings).where(where))
