# SPDX-License-Identifier: Apache-2.0
"""Minutes of flows as rows. Written twice it is the same."""

import zlib
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from giamsat_collector.traffic.minute import Minute
from giamsat_collector.traffic.tables import flow_minutes

BYTES_PER_ASSET: Final = 64 << 20
"""When a sensor has more, its oldest minutes go: a week of the default budget is 20 MB."""
ROW: Final = 256
"""What a minute takes beside its lines, with its places in the indexes: those without a line have weight, too."""


def record(connection: Connection, told: Iterable[Minute]) -> None:
    """Keep minutes; one that is there already stays as it is."""
    assets = set()
    for one in told:
        lines = zlib.compress("\n".join(row.line() for row in one.rows).encode())
        values = {name: getattr(one, name) for name in Minute.__slots__ if name != "rows"}
        row = {**values, "lines": lines, "size": len(lines)}
        connection.execute(insert(flow_minutes).values(row).on_conflict_do_nothing())
        assets.add(one.asset)
    for asset in sorted(assets):
        _bound(connection, asset)


def newest(connection: Connection) -> Mapping[str, int]:
    """When the last minute of each sensor ended."""
    last_ns = func.max(flow_minutes.c.end_ns).label("last_ns")
    rows = connection.execute(select(flow_minutes.c.asset, last_ns).group_by(flow_minutes.c.asset))
    return {row.asset: row.last_ns for row in rows}


def forget(connection: Connection, before_ns: int, *, most: int) -> int:
    """Let go of the oldest minutes that began before a time, so many at once; how many they were."""
    key, start_ns = flow_minutes.primary_key.columns, flow_minutes.c.start_ns
    oldest = select(*key).where(start_ns < before_ns).order_by(start_ns).limit(most)
    return connection.execute(delete(flow_minutes).where(tuple_(*key).in_(oldest))).rowcount


def _bound(connection: Connection, asset: str) -> None:
    """All that is too much goes at once, so that a sensor far beyond its bound holds nobody up."""
    its, start_ns = flow_minutes.c.asset == asset, flow_minutes.c.start_ns
    since = func.sum(flow_minutes.c.size + ROW).over(order_by=start_ns.desc())
    held = select(start_ns, since.label("size")).where(its).subquery()
    beyond_ns = connection.scalar(select(func.max(held.c.start_ns)).where(held.c.size > BYTES_PER_ASSET))
    if beyond_ns is not None:
        connection.execute(delete(flow_minutes).where(its, start_ns <= beyond_ns))
