# SPDX-License-Identifier: Apache-2.0
"""What was seen, as rows: one for each check and day, and one for each check. Written twice it is the same."""

from collections.abc import Iterable
from itertools import product
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, insert, select, update

from giamsat_collector.availability.minutes import CHECKS, Seen
from giamsat_collector.availability.tables import checks, days

DAY: Final = 24 * 60
BYTES: Final = DAY // 8
Key = tuple[str, str, int]
"""An asset, one of its checks, a day."""


def assets(connection: Connection) -> set[str]:
    """Every asset with a check that was not ended."""
    return set(connection.scalars(select(checks.c.asset).where(checks.c.ended.is_(None)).distinct()))


def record(connection: Connection, told: Iterable[Seen]) -> None:
    """Keep what readings said. Of an asset that names ever new checks, those beyond CHECKS are not kept."""
    by_asset: dict[str, list[Seen]] = {}
    for one in told:
        by_asset.setdefault(one.asset, []).append(one)
    for asset, readings in by_asset.items():
        known = _lives(connection, asset, readings)
        up: dict[Key, int] = {}
        down: dict[Key, int] = {}
        for one in readings:
            for bits, names in ((up, one.up & known), (down, one.down & known)):
                for name, minute in product(names, range(one.first, one.last + 1)):
                    key = (asset, name, minute // DAY)
                    bits[key] = bits.get(key, 0) | 1 << minute % DAY
        for key in up.keys() | down.keys():
            _keep(connection, key, up.get(key, 0), down.get(key, 0))


def _keep(connection: Connection, key: Key, up: int, down: int) -> None:
    this = _of(days, key[0], key[1]) & (days.c.day == key[2])
    before = connection.execute(select(days.c.up, days.c.down).where(this)).first()
    if before is None:
        named = {"asset": key[0], "check_name": key[1], "day": key[2]}
        connection.execute(insert(days).values(**named, up=_bytes(up), down=_bytes(down)))
        return
    kept = (_bits(before.up) | up, _bits(before.down) | down)
    if kept != (_bits(before.up), _bits(before.down)):
        connection.execute(update(days).where(this).values(up=_bytes(kept[0]), down=_bytes(kept[1])))


def _lives(connection: Connection, asset: str, readings: Iterable[Seen]) -> frozenset[str]:
    """Keep from when to when each check of an asset is configured; the checks that are counted."""
    known = {row.check_name: row for row in connection.execute(select(checks).where(checks.c.asset == asset))}
    now = {name: _life(row) for name, row in known.items()}
    for one in readings:
        for name in sorted(one.configured):
            if name not in now and len(now) >= CHECKS:
                continue
            first, last, ended = now.get(name, (one.first, one.last, None))
            again = ended is None or one.last > ended
            now[name] = (min(first, one.first), max(last, one.last), None if again else ended)
        for name, (first, last, ended) in now.items():
            if name not in one.configured and ended is None and one.last > last:
                now[name] = (first, last, max(last + 1, one.first))
    for name, (first, last, ended) in now.items():
        values = {"first": first, "last": last, "ended": ended}
        if name not in known:
            connection.execute(insert(checks).values(asset=asset, check_name=name, **values))
        elif _life(known[name]) != (first, last, ended):
            connection.execute(update(checks).where(_of(checks, asset, name)).values(**values))
    return frozenset(now)


def _life(row: Row[tuple[object, ...]]) -> tuple[int, int, int | None]:
    return row.first, row.last, row.ended


def _of(table: Table, asset: str, name: str) -> ColumnElement[bool]:
    return and_(table.c.asset == asset, table.c.check_name == name)


def _bytes(bits: int) -> bytes:
    return bits.to_bytes(BYTES, "little")


def _bits(data: bytes) -> int:
    return int.from_bytes(data, "little")
