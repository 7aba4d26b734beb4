# SPDX-License-Identifier: Apache-2.0
"""The rows of lists. A list is exchanged within one transaction, and its entries stand in it as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from giamsat_collector.event_time import instant
from giamsat_collector.indicators.tables import indicator_lists

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of a list beside its entries."""

    name: str
    source: str
    document: str
    brought_ns: int
    brought_by: str
    renewed_days: int | None
    entries: int
    hits: int = 0
    last_hit_ns: int | None = None

    def overdue(self, now_ns: int) -> float:
        """How many of its own periods old it is; nothing is expected of one that is not renewed."""
        return max(0, now_ns - self.brought_ns) / 10**9 / _DAY / self.renewed_days if self.renewed_days else 0.0

    def as_json(self, standing: int, now_ns: int) -> dict[str, Any]:
        """The list in the JSON shape of the administration socket; `standing` entries are in force."""
        return {
            "name": self.name,
            "source": self.source,
            "document": self.document,
            "brought": instant(self.brought_ns),
            "brought_by": self.brought_by,
            "renewed_days": self.renewed_days,
            "overdue": round(self.overdue(now_ns), 2),
            "entries": self.entries,
            "standing": standing,
            "hits": self.hits,
            "last_hit": instant(self.last_hit_ns) if self.last_hit_ns else None,
        }


_ABOUT: Final = tuple(indicator_lists.c[name] for name in Listed.__slots__)


def put(connection: Connection, listed: Listed, lines: bytes) -> None:
    """Keep a list in the place of the one of its name; what it has met goes on being counted."""
    row = {name: getattr(listed, name) for name in Listed.__slots__} | {"lines": lines}
    renewed = {name: value for name, value in row.items() if name not in {"name", "hits", "last_hit_ns"}}
    statement = insert(indicator_lists).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=renewed))


def take_away(connection: Connection, name: str) -> None:
    """Keep a list no longer."""
    connection.execute(delete(indicator_lists).where(indicator_lists.c.name == name))


def every(connection: Connection) -> tuple[Listed, ...]:
    """All lists by name, without their entries."""
    rows = connection.execute(select(*_ABOUT).order_by(indicator_lists.c.name)).mappings()
    return tuple(Listed(**row) for row in rows)


def lines(connection: Connection) -> Mapping[str, bytes]:
    """The entries of every list, as they are kept."""
    rows = connection.execute(select(indicator_lists.c.name, indicator_lists.c.lines))
    return {row.name: row.lines for row in rows}


def count(connection: Connection, hits: Mapping[str, int], now_ns: int) -> None:
    """Add what each list has met."""
    for name, more in hits.items():
        its = indicator_lists.c
        connection.execute(
            update(indicator_lists).where(its.name == name).values(hits=its.hits + more, last_hit_ns=now_ns)
        )
