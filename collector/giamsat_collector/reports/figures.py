# SPDX-License-Identifier: Apache-2.0
"""Reads what happened in a period: alerts as they stood at its end, frames lost, hosts that were known.

What happens later changes none of it, so a report of a period that is over reads the same whenever it is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.tables import alerts, changes
from giamsat_collector.ingest.tables import LOST, losses
from giamsat_collector.registry.tables import assets
from giamsat_collector.reports.period import Period
from giamsat_wire.lane import Lane

MOST: Final = 200_000
"""Alerts of a period that are counted."""


@dataclass(frozen=True, slots=True)
class Alerted:
    """An alert, with the state it had when the period ended."""

    id: str
    title: str
    asset: str
    unit: str
    level: int | None
    severity: str
    state: State
    opened_ns: int


@dataclass(frozen=True, slots=True)
class Figures:
    """`opened` are alerts of the period, `carried` those that were open when it began; `lost` are frames by lane.

    `known` is since when each asset is known, of those known by the end.
    """

    opened: tuple[Alerted, ...]
    carried: tuple[Alerted, ...]
    lost: Mapping[str, int]
    known: Mapping[str, int]


def read(connection: Connection, period: Period) -> Figures:
    """The figures of a period."""
    within = (alerts.c.opened_ns >= period.since_ns) & (alerts.c.opened_ns < period.until_ns)
    before = (alerts.c.opened_ns < period.since_ns) & (~alerts.c.closed | (alerts.c.changed_ns >= period.since_ns))
    told = (losses.c.declared_ns >= period.since_ns) & (losses.c.declared_ns < period.until_ns)
    lost = connection.execute(select(losses.c.lane, LOST).where(told).group_by(losses.c.lane))
    known = connection.execute(select(assets.c.id, assets.c.since_ns).where(assets.c.since_ns < period.until_ns))
    began = _states(connection, before, period.since_ns)
    return Figures(
        opened=_alerts(connection, within, period.until_ns),
        carried=tuple(one for one in _alerts(connection, before, period.until_ns) if not began[one.id].closed),
        lost={Lane(lane).name.lower(): int(count) for lane, count in lost},
        known={row.id: row.since_ns for row in known},
    )


def _alerts(connection: Connection, wanted: ColumnElement[bool], at_ns: int) -> tuple[Alerted, ...]:
    states = _states(connection, wanted, at_ns)
    # Not whole rows: what an alert stands on is most of it, and no report prints that.
    columns = [alerts.c[name] for name in ("id", "title_vi", "asset", "unit", "level", "severity", "opened_ns")]
    query = select(*columns).where(wanted).order_by(alerts.c.opened_ns, alerts.c.id).limit(MOST)
    return tuple(
        Alerted(row.id, row.title_vi, row.asset, row.unit, row.level, row.severity, states[row.id], row.opened_ns)
        for row in connection.execute(query)
    )


def _states(connection: Connection, wanted: ColumnElement[bool], at_ns: int) -> dict[str, State]:
    """The state each alert had at a moment."""
    last = (
        select(changes.c.alert, func.max(changes.c.id).label("id"))
        .join(alerts)
        .where(wanted, changes.c.at_ns < at_ns)
        .group_by(changes.c.alert)
        .subquery()
    )
    query = select(changes.c.alert, changes.c.after).join(last, changes.c.id == last.c.id)
    return {row.alert: State(row.after) for row in connection.execute(query)}
