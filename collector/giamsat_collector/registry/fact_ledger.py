# SPDX-License-Identifier: Apache-2.0
"""Writes down what the registry is told, by whom and when, and brings what is in force into the rows that stand now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, func, insert, select, tuple_

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import history, rows, tables
from giamsat_collector.registry.history import Fact, History, Key, Kind, Record
from giamsat_collector.registry.record import Asset, AssetKind

AT_ONCE: Final = 400
BEFORE: Final = "what stood here before its history was kept"
AS_THEY_CAME: Final = (tables.facts.c.from_ns, tables.facts.c.id)


@dataclass(frozen=True, slots=True)
class Telling:
    """Who told something, what in short, and by which document."""

    actor: str
    what: str
    document: str = ""


def tell(connection: Connection, telling: Telling, facts: Sequence[Fact], now_ns: int) -> None:
    """Keep facts; those that hold by now change what stands."""
    keys = list(dict.fromkeys(fact.key for fact in facts))
    first = _unwritten(connection, keys)
    if first:
        _write(connection, Telling("", BEFORE), first, 0)
    _write(connection, telling, facts, now_ns)
    _bring(connection, keys, now_ns)


def settle(connection: Connection, since_ns: int, now_ns: int) -> bool:
    """Bring into what stands every fact that came to hold since a moment; whether there was one."""
    wanted = select(tables.facts.c.kind, tables.facts.c.record).distinct()
    due = connection.execute(wanted.where(tables.facts.c.from_ns > since_ns, tables.facts.c.from_ns <= now_ns))
    keys = [Key(Kind(row.kind), row.record) for row in due]
    _bring(connection, keys, now_ns)
    return bool(keys)


def known(connection: Connection, told_ns: int | None = None) -> History:
    """Everything that was told, up to a moment if one is given."""
    facts = tables.facts
    query = select(facts).order_by(*AS_THEY_CAME)
    if told_ns is not None:
        query = query.where(tables.tellings.c.told_ns <= told_ns)
    written = {Key(Kind(row.kind), row.record) for row in connection.execute(select(facts.c.kind, facts.c.record))}
    always = {key: record for key, record in standing(connection).items() if key not in written}
    return History(always, _facts(connection, query))


def changed(connection: Connection, standing: Mapping[Key, Record]) -> History:
    """The same with the facts of only those records that ever changed; the others are as they stand."""
    facts = tables.facts
    several = select(facts.c.kind, facts.c.record).group_by(facts.c.kind, facts.c.record).having(func.count() > 1)
    query = select(facts).where(tuple_(facts.c.kind, facts.c.record).in_(several)).order_by(*AS_THEY_CAME)
    found = list(_facts(connection, query))
    written = {fact.key for fact in found}
    return History({key: record for key, record in standing.items() if key not in written}, found)


def standing(connection: Connection) -> dict[Key, Record]:
    """Every record as it stands now, and every unit that ended."""
    found = (rows.all_units(connection), rows.all_systems(connection), rows.all_assets(connection))
    return {history.key_of(record): record for records in found for record in records.values()}


def host_enrolled(
    connection: Connection, *, agent_id: str, unit: str, system: str | None, hostname: str, at_ns: int
) -> None:
    """Make the asset of a host that has just been enrolled; its id is the agent's."""
    asset = Asset(agent_id, hostname, AssetKind.HOST, unit, (system,) if system else ())
    fact = Fact(history.key_of(asset), 0, history.as_fields(asset))
    tell(connection, Telling("", "enrolment"), [fact], at_ns)


def link(connection: Connection, asset: str, system: str, telling: Telling, now_ns: int) -> None:
    """Say that an asset belongs to a system from now on.

    Raises:
        RefusedError: there is no such asset or system.
    """
    found = rows.all_assets(connection).get(asset)
    if found is None:
        raise RefusedError(
            "no such asset: {name}; 'giamsat-collector registry assets' shows those there are", name=asset
        )
    if not rows.exists(connection, Kind.SYSTEM, system):
        raise RefusedError(
            "no such system: {name}; 'giamsat-collector registry systems' shows those there are", name=system
        )
    if system not in found.systems:
        _belongs(connection, asset, [*found.systems, system], telling, now_ns)


def unlink(connection: Connection, asset: str, system: str, telling: Telling, now_ns: int) -> None:
    """Say that an asset no longer belongs to a system from now on.

    Raises:
        RefusedError: it did not belong to it.
    """
    found = rows.all_assets(connection).get(asset)
    if found is None or system not in found.systems:
        raise RefusedError(
            "{asset} does not belong to {system}; 'giamsat-collector registry assets' shows what belongs where",
            asset=asset,
            system=system,
        )
    _belongs(connection, asset, [one for one in found.systems if one != system], telling, now_ns)


def told(connection: Connection, most: int) -> list[dict[str, Any]]:
    """The newest tellings, newest first, each with how many facts it holds."""
    one, facts = tables.tellings, tables.facts
    query = select(one, func.count(facts.c.id).label("facts")).join(facts).group_by(one.c.id)
    return [dict(row) for row in connection.execute(query.order_by(one.c.id.desc()).limit(most)).mappings()]


def _belongs(connection: Connection, asset: str, systems: list[str], telling: Telling, now_ns: int) -> None:
    fact = Fact(Key(Kind.ASSET, asset), now_ns, {"systems": sorted(systems)})
    tell(connection, telling, [fact], now_ns)


def _write(connection: Connection, telling: Telling, facts: Iterable[Fact], told_ns: int) -> None:
    said = {"actor": telling.actor[:64], "what": telling.what[:200], "document": telling.document[:200]}
    made = insert(tables.tellings).values(**said, told_ns=told_ns).returning(tables.tellings.c.id)
    number = connection.scalar(made)
    lines = [
        {
            "telling": number,
            "kind": fact.key.kind.value,
            "record": fact.key.id,
            "from_ns": fact.from_ns,
            "fields": dict(fact.fields),
        }
        for fact in facts
    ]
    connection.execute(insert(tables.facts), lines)


def _unwritten(connection: Connection, keys: Sequence[Key]) -> list[Fact]:
    """What stands of these records and was never told, as the first fact of each."""
    missing = set(keys) - {fact.key for fact in _of(connection, keys)}
    if not any(rows.exists(connection, key.kind, key.id) for key in missing):
        return []
    return [Fact(key, 0, history.as_fields(record)) for key, record in standing(connection).items() if key in missing]


def _bring(connection: Connection, keys: Sequence[Key], now_ns: int) -> None:
    past = History({}, _of(connection, keys))
    found = [(key.kind, past.fields(key, now_ns)) for key in keys]
    of = {kind: [fields for one, fields in found if one is kind and fields is not None] for kind in Kind}
    rows.put_units(connection, map(history.as_unit, of[Kind.UNIT]))
    rows.put_systems(connection, map(history.as_system, of[Kind.SYSTEM]))
    rows.put_assets(connection, list(map(history.as_asset, of[Kind.ASSET])), now_ns)


def _of(connection: Connection, keys: Sequence[Key]) -> list[Fact]:
    facts = tables.facts
    found: list[Fact] = []
    for start in range(0, len(keys), AT_ONCE):
        part = [(key.kind.value, key.id) for key in keys[start : start + AT_ONCE]]
        wanted = tuple_(facts.c.kind, facts.c.record).in_(part)
        found += _facts(connection, select(facts).where(wanted).order_by(*AS_THEY_CAME))
    return found


def _facts(connection: Connection, query: Select[Any]) -> Iterator[Fact]:
    """The facts a query finds; it may ask about their tellings, too."""
    for row in connection.execute(query.add_columns(tables.tellings.c.told_ns).join(tables.tellings)):
        yield Fact(Key(Kind(row.kind), row.record), row.from_ns, row.fields, row.told_ns)
