# SPDX-License-Identifier: Apache-2.0
"""Minutes of sources as rows, for KEPT minutes. A minute in which nothing happened has none."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, tuple_, union, update

from giamsat_collector.coverage.source_minutes import Minute
from giamsat_collector.coverage.sources import RECENT
from giamsat_collector.coverage.tables import source_minutes
from giamsat_collector.ingest import progress

READER: Final = "sources"
KEPT: Final = 72 * 60


def keep(connection: Connection, through: int, minutes: Sequence[Minute]) -> None:
    """Write minutes that are over; frames up to `through` count in them. One that is there already is added to."""
    for number in sorted({one.minute for one in minutes}):
        its = [one for one in minutes if one.minute == number]
        there = {
            (row.asset, row.source)
            for row in connection.execute(select(source_minutes).where(source_minutes.c.minute == number))
        }
        new = [_row(one) for one in its if (one.asset, one.source) not in there]
        if new:
            connection.execute(insert(source_minutes), new)
        for one in its:
            if (one.asset, one.source) in there:
                _add(connection, one)
    progress.reach(connection, READER, through)


def forget(connection: Connection, before: int, *, most: int) -> int:
    """Let go of rows of minutes before one, the oldest first, so many at once; how many they were."""
    key, its = source_minutes.primary_key.columns, source_minutes.c.minute
    oldest = select(*key).where(its < before).order_by(its).limit(most)
    return connection.execute(delete(source_minutes).where(tuple_(*key).in_(oldest))).rowcount


def recent(connection: Connection, minute: int) -> Sequence[Minute]:
    """Rows of the hour before a minute, oldest first, of each source those that say more than its newest one.

    That is the newest itself, the newest in which something came, and all in which something was lost or throttled.
    """
    its, key = source_minutes.c, source_minutes.primary_key.columns
    fresh = its.minute > minute - RECENT
    newest_of = select(its.asset, func.max(its.minute).label("minute"), its.source).group_by(its.asset, its.source)
    marked = select(its.asset, its.minute, its.source).where(or_(its.throttled > 0, its.dropped > 0, its.lost > 0))
    wanted = union(*(one.where(fresh) for one in (newest_of, newest_of.where(its.received > 0), marked))).subquery()
    same = and_(*(wanted.c[column.name] == column for column in key))
    query = select(source_minutes).join(wanted, same).order_by(its.minute, its.asset, its.source)
    return [_minute(row) for row in connection.execute(query)]


def of(connection: Connection, asset: str, since: int) -> Sequence[Minute]:
    """A host's minutes from one on, oldest first."""
    its = source_minutes.c
    query = select(source_minutes).where(its.asset == asset, its.minute >= since).order_by(its.minute, its.source)
    return [_minute(row) for row in connection.execute(query)]


def newest(connection: Connection) -> int:
    """The newest minute there is; 0 without any."""
    return connection.scalar(select(source_minutes.c.minute).order_by(source_minutes.c.minute.desc()).limit(1)) or 0


def total(minutes: Iterable[Minute]) -> dict[str, Minute]:
    """By source: the sums, and what waited last."""
    found: dict[str, Minute] = {}
    for one in minutes:
        before = found.get(one.source)
        found[one.source] = one if before is None else _sum(before, one)
    return found


def _sum(before: Minute, one: Minute) -> Minute:
    return Minute(
        one.asset,
        one.minute,
        one.source,
        before.produced + one.produced,
        before.throttled + one.throttled,
        before.dropped + one.dropped,
        one.spooled,
        before.received + one.received,
        before.lost + one.lost,
    )


def _row(one: Minute) -> dict[str, Any]:
    return {name: getattr(one, name) for name in source_minutes.c.keys()}  # noqa: SIM118 - a column collection


def _minute(row: Any) -> Minute:  # noqa: ANN401 - SQLAlchemy's row
    return Minute(*(getattr(row, name) for name in Minute.__slots__))


def _add(connection: Connection, one: Minute) -> None:
    its = source_minutes.c
    this = (its.asset == one.asset) & (its.minute == one.minute) & (its.source == one.source)
    counts = ("produced", "throttled", "dropped", "received", "lost")
    values: dict[str, Any] = {name: its[name] + getattr(one, name) for name in counts}
    connection.execute(update(source_minutes).where(this).values(spooled=one.spooled, **values))
