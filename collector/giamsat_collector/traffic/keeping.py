# SPDX-License-Identifier: Apache-2.0
"""Minutes of flows as rows. Written twice it is the same."""

import zlib
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from giamsat_collector.traffic.minute import Minute
from giamsat_collector.traffic.tables import flow_minutes

BYTES_PER_ASSET: Final = 64 << 20
"""When a sensor has more, its oldest minutes go: a week of the default budget is 20 MB."""
BOUND_EVERY: Final = 64
"""Rows of a sensor between two looks at how much it has."""


def record(connection: Connection, told: Iterable[Minute]) -> None:
    """Keep minutes; one that is there already stays as it is."""
    for one in told:
        lines = zlib.compress("\n".join(row.line() for row in one.rows).encode())
        values = {name: getattr(one, name) for name in Minute.__slots__ if name != "rows"}
        row = {**values, "lines": lines, "size": len(lines)}
        connection.execute(insert(flow_minutes).values(row).on_conflict_do_nothing())
        if one.end_ns // 1_000_000_000 % BOUND_EVERY == 0:
            _bound(connection, one.asset)


def newest(connection: Connection) -> Mapping[str, int]:
    """When the last minute of each sensor ended."""
    last_ns = func.max(flow_minutes.c.end_ns).label("last_ns")
    rows = connection.execute(select(flow_minutes.c.asset, last_ns).group_by(flow_minutes.c.asset))
    return {row.asset: row.last_ns for row in rows}


def forget(connection: Connection, before_ns: int, *, most: int) -> None:
    """Let go of the oldest minutes that began before a time, so many at once."""
    old = select(flow_minutes.c.asset, flow_minutes.c.interface, flow_minutes.c.start_ns)
    for asset, interface, start_ns in connection.execute(
        old.where(flow_minutes.c.start_ns < before_ns).limit(most)
    ).all():
        its = flow_minutes.c
        connection.execute(
            delete(flow_minutes).where(its.asset == asset, its.interface == interface, its.start_ns == start_ns)
        )


def _bound(connection: Connection, asset: str) -> None:
    its = flow_minutes.c.asset == asset
    total = connection.scalar(select(func.sum(flow_minutes.c.size)).where(its)) or 0
    while total > BYTES_PER_ASSET:
        oldest = (
            select(flow_minutes.c.start_ns, func.sum(flow_minutes.c.size)).where(its).group_by(flow_minutes.c.start_ns)
        )
        start_ns, size = connection.execute(oldest.order_by(flow_minutes.c.start_ns).limit(1)).one()
        connection.execute(delete(flow_minutes).where(its, flow_minutes.c.start_ns == start_ns))
        total -= size
