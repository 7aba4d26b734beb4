# SPDX-License-Identifier: Apache-2.0
"""Puts alerts that tell of the same behind the one that stands for all of them, and back into the queue."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, or_, select

from giamsat_collector.alerts import folding, ledger
from giamsat_collector.alerts.alert import Alert, GroupCount, Relation, State
from giamsat_collector.alerts.folding import Told
from giamsat_collector.alerts.tables import alerts
from giamsat_rules.behind import Behind


def settle(connection: Connection, changed: Iterable[Alert], behind: Mapping[str, Behind], now_ns: int) -> int:
    """Place what tells of the same as alerts that changed, in the same transaction; how many were moved."""
    rules = _concerned(behind)
    those = [alert for alert in changed if alert.rule in rules or alert.relation is Relation.SAME]
    if not those:
        return 0
    assets, units = {alert.asset for alert in those}, {alert.unit for alert in those if alert.unit}
    return _settle(connection, alerts.c.asset.in_(assets) | alerts.c.unit.in_(units), behind, now_ns)


def settle_all(connection: Connection, behind: Mapping[str, Behind], now_ns: int) -> int:
    """The same for every open alert: other rules may say otherwise; how many were moved."""
    return _settle(connection, ~alerts.c.closed, behind, now_ns)


def _settle(connection: Connection, where: ColumnElement[bool], behind: Mapping[str, Behind], now_ns: int) -> int:
    ours = or_(alerts.c.rule.in_(sorted(_concerned(behind))), alerts.c.relation == Relation.SAME)
    apart = alerts.c.maintenance.is_not(None) | (alerts.c.cause.is_not(None) & (alerts.c.relation != Relation.SAME))
    wanted = ~alerts.c.closed & ours & where & ~apart
    if not _is_possible(connection, wanted, behind):
        return 0
    names = ("id", "rule", "asset", "unit", "severity", "priority", "cause", "state", "revision", "groups")
    rows = connection.execute(select(*(alerts.c[name] for name in names)).where(wanted))
    told = [
        Told(
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
    ]
    found = list(folding.placings(told, behind))
    for one in found:
        ledger.place(connection, one, now_ns)
    return len(found)


def _is_possible(connection: Connection, wanted: ColumnElement[bool], behind: Mapping[str, Behind]) -> bool:
    """Whether anything can stand behind another, or does; the groups of alerts are read only then."""
    rows = connection.execute(select(alerts.c.rule, alerts.c.cause.is_not(None)).where(wanted).distinct()).all()
    rules = {rule for rule, _ in rows}
    may = any(not rules.isdisjoint(behind[rule].rules) for rule in rules if rule in behind)
    return may or any(stands for _, stands in rows)


def _concerned(behind: Mapping[str, Behind]) -> frozenset[str]:
    return frozenset(behind).union(*(its.rules for its in behind.values()))
