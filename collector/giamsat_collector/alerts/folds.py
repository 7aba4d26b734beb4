# SPDX-License-Identifier: Apache-2.0
"""Puts alerts that tell of the same behind the one that stands for all of them, and back into the queue."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, or_, select

from giamsat_collector.alerts import folding, ledger, offenders
from giamsat_collector.alerts.alert import Alert, GroupCount, Relation, State
from giamsat_collector.alerts.folding import Told
from giamsat_collector.alerts.tables import alerts
from giamsat_rules.behind import Behind
from giamsat_rules.owner import Owner

AT_ONCE: Final = 400
_NAMES: Final = ("id", "rule", "asset", "unit", "severity", "priority", "cause", "state", "revision", "groups")


class _Touched(NamedTuple):
    """An alert that changed. One that `leaves` stands for nobody any more, or not for all whom it stood for."""

    one: Told
    leaves: bool


def settle(connection: Connection, changed: Iterable[Alert], behind: Mapping[str, Behind], now_ns: int) -> int:
    """Place what tells of the same as alerts that changed, in the same transaction; how many were moved.

    It looks at what a change can move, however many alerts stand in the queue. Where more tell of the same than are
    looked at, those that could stand behind another stay in the queue until something is told of them.
    """
    rules = _concerned(behind)
    last = {one.id: one for one in changed if one.rule in rules or one.relation is Relation.SAME}
    touched = [
        _Touched(Told.of(one), one.state.closed or any(group.over for group in one.groups)) for one in last.values()
    ]
    moved = 0
    for _ in rules:  # what stood behind one that was moved is moved in turn, never further than rules are many
        if not touched:
            break
        found = _settle(connection, _around(connection, touched, behind), behind, now_ns)
        touched = [_Touched(one, leaves=True) for one in found]
        moved += len(found)
    return moved


def misplaced(connection: Connection, behind: Mapping[str, Behind]) -> list[frozenset[str]]:
    """Every alert that does not stand where these rules say, with the one it is to stand behind: other rules did.

    Reads only. In the order in which they are moved; `settle_these` moves some of them at a time.
    """
    placings = folding.placings(_known(connection, [~alerts.c.closed], behind).values(), behind)
    return [frozenset(filter(None, (placing.alert, placing.cause))) for placing in placings]


def settle_these(
    connection: Connection, some: Iterable[frozenset[str]], behind: Mapping[str, Behind], now_ns: int
) -> int:
    """Place such alerts as they are by now; how many were moved."""
    return len(_settle(connection, _any(alerts.c.id, frozenset().union(*some)), behind, now_ns))


def _around(
    connection: Connection, touched: Iterable[_Touched], behind: Mapping[str, Behind]
) -> Iterator[ColumnElement[bool]]:
    """What may stand behind these or before them: of their assets, and what of their units tells of the same."""
    every = list(touched)
    of_units = {name: its.rules for name, its in behind.items() if its.per is Owner.UNIT}
    asked = {(each.one.unit, _related(each, of_units), offenders.marks(each.one.groups)) for each in every}
    near = frozenset().union(*(offenders.near(connection, *one) for one in asked))
    # One by one: of many at once SQLite believes that it is quicker to read everything that is not closed.
    yield from ((alerts.c.asset == asset) & ~alerts.c.closed for asset in sorted({each.one.asset for each in every}))
    yield from _any(alerts.c.cause, {each.one.id for each in every if each.leaves})
    yield from _any(alerts.c.id, near)


def _related(touched: _Touched, of_units: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The rules whose alerts may stand before it in its unit, or behind it; for those it leaves it may be any."""
    rule = touched.one.rule
    weaker = [name for name, rules in of_units.items() if rule in rules]
    stronger = of_units.get(rule, ())
    if touched.leaves and (weaker or stronger):
        return tuple(sorted({*of_units, *(name for rules in of_units.values() for name in rules)}))
    return tuple(sorted({*weaker, *stronger}))


def _any(column: Column[str], values: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """That it is one of these, not too many at once."""
    every = sorted(values)
    for start in range(0, len(every), AT_ONCE):
        yield column.in_(every[start : start + AT_ONCE])


def _settle(
    connection: Connection, which: Iterable[ColumnElement[bool]], behind: Mapping[str, Behind], now_ns: int
) -> list[Told]:
    """Place these, as far as rules are concerned; which were moved."""
    told = _known(connection, which, behind)
    found = list(folding.placings(told.values(), behind))
    for placing in found:
        ledger.place(connection, placing, now_ns)
    return [told[placing.alert] for placing in found]


def _known(
    connection: Connection, which: Iterable[ColumnElement[bool]], behind: Mapping[str, Behind]
) -> dict[str, Told]:
    """These, as far as rules are concerned, and what they stand behind."""
    rules = sorted(_concerned(behind))
    told = {one.id: one for where in which for one in _told(connection, where, rules)}
    causes = {one.cause for one in told.values() if one.cause is not None} - told.keys()
    return told | {one.id: one for where in _any(alerts.c.id, causes) for one in _told(connection, where, rules)}


def _told(connection: Connection, where: ColumnElement[bool], rules: Collection[str]) -> Iterator[Told]:
    """The open alerts of these that are concerned and wait for nothing else."""
    ours = or_(alerts.c.rule.in_(rules), alerts.c.relation == Relation.SAME)
    apart = alerts.c.maintenance.is_not(None) | (alerts.c.cause.is_not(None) & (alerts.c.relation != Relation.SAME))
    for row in connection.execute(select(*(alerts.c[name] for name in _NAMES)).where(where, ours, ~apart)):
        state = State(row.state)
        if not state.closed:
            yield Told(
                id=row.id,
                rule=row.rule,
                asset=row.asset,
                unit=row.unit,
                severity=row.severity,
                priority=row.priority,
                cause=row.cause,
                free=state is State.NEW and row.revision == 0,
                groups=[GroupCount(**group) for group in row.groups],
            )


def _concerned(behind: Mapping[str, Behind]) -> frozenset[str]:
    return frozenset(behind).union(*(its.rules for its in behind.values()))
