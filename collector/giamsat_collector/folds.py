# SPDX-License-Identifier: Apache-2.0
"""Puts alerts that tell of the same behind the one that stands for all of them, and back into the queue."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, or_, select

from giamsat_collector.alerts import folding, ledger
from giamsat_collector.alerts.alert import Alert, GroupCount, Relation, State
from giamsat_collector.alerts.folding import Told
from giamsat_collector.alerts.tables import alerts
from giamsat_rules.behind import Behind
from giamsat_rules.owner import Owner


class _Place(NamedTuple):
    """What an alert is about."""

    asset: str
    unit: str


def settle(connection: Connection, changed: Iterable[Alert], behind: Mapping[str, Behind], now_ns: int) -> int:
    """Place what tells of the same as alerts that changed, in the same transaction; how many were moved."""
    rules = _concerned(behind)
    touched = [_Place(one.asset, one.unit) for one in changed if one.rule in rules or one.relation is Relation.SAME]
    moved = 0
    for _ in rules:  # what stood behind one that was moved is moved in turn, never further than rules are many
        if not touched:
            break
        touched = _settle(connection, _around(touched, behind), behind, now_ns)
        moved += len(touched)
    return moved


def settle_all(connection: Connection, behind: Mapping[str, Behind], now_ns: int) -> int:
    """The same for every open alert: other rules may say otherwise; how many were moved."""
    return len(_settle(connection, ~alerts.c.closed, behind, now_ns))


def _around(touched: Collection[_Place], behind: Mapping[str, Behind]) -> ColumnElement[bool]:
    """What may stand behind alerts of these assets and units, with all that may stand before any of it."""
    assets, units = ({place.asset for place in touched}, {place.unit for place in touched})
    of_units = {name for name, its in behind.items() if its.per is Owner.UNIT}
    before = {other for name in of_units for other in behind[name].rules}
    nearby = alerts.c.unit.in_(sorted(units - {""})) & alerts.c.rule.in_(sorted(of_units | before))
    return alerts.c.asset.in_(sorted(assets)) | nearby


def _settle(
    connection: Connection, where: ColumnElement[bool], behind: Mapping[str, Behind], now_ns: int
) -> list[_Place]:
    """Place these, as far as rules are concerned; which were moved."""
    ours = or_(alerts.c.rule.in_(sorted(_concerned(behind))), alerts.c.relation == Relation.SAME)
    apart = alerts.c.maintenance.is_not(None) | (alerts.c.cause.is_not(None) & (alerts.c.relation != Relation.SAME))
    wanted = ~alerts.c.closed & ours & where & ~apart
    if not _is_possible(connection, wanted, behind):
        return []
    names = ("id", "rule", "asset", "unit", "severity", "priority", "cause", "state", "revision", "groups")
    rows = connection.execute(select(*(alerts.c[name] for name in names)).where(wanted))
    told = {
        row.id: Told(
            id=row.id,
            rule=row.rule,
            asset=row.asset,
            unit=row.unit,
            severity=row.severity,
            priority=row.priority,
            cause=row.cause,
            free=row.state == State.NEW and row.revision == 0,
            groups=[GroupCount(**group) for group in row.groups],
        )
        for row in rows
    }
    found = list(folding.placings(told.values(), behind))
    for one in found:
        ledger.place(connection, one, now_ns)
    return [_Place(told[one.alert].asset, told[one.alert].unit) for one in found]


def _is_possible(connection: Connection, wanted: ColumnElement[bool], behind: Mapping[str, Behind]) -> bool:
    """Whether anything can stand behind another, or does; the groups of alerts are read only then."""
    rows = connection.execute(select(alerts.c.rule, alerts.c.cause.is_not(None)).where(wanted).distinct()).all()
    rules = {rule for rule, _ in rows}
    may = any(not rules.isdisjoint(behind[rule].rules) for rule in rules if rule in behind)
    return may or any(stands for _, stands in rows)


def _concerned(behind: Mapping[str, Behind]) -> frozenset[str]:
    return frozenset(behind).union(*(its.rules for its in behind.values()))
