# SPDX-License-Identifier: Apache-2.0
"""Reads what happened in a period: alerts as they stood at its end, frames lost, hosts that were known.

What happens later changes none of it, so a report of a period that is over reads the same whenever it is made.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.tables import alerts, changes
from giamsat_collector.ingest.tables import LOST, losses
from giamsat_collector.registry.tables import assets
from giamsat_collector.reports.period import Period
from giamsat_wire.lane import Lane

_CLOSED: Final = tuple(state.value for state in State if state.closed)


@dataclass(frozen=True, slots=True)
class Alerted:
    """So many alerts of a unit that are alike, with the state they had when the period ended."""

    title: str
    unit: str
    severity: str
    state: State
    number: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One alert, with the state it had when the period ended."""

    title: str
    asset: str
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


def total(found: Iterable[Alerted]) -> int:
    """How many alerts they are together."""
    return sum(one.number for one in found)


def read(connection: Connection, period: Period) -> Figures:
    """The figures of a period, counted where the alerts lie: those of half a year are hundreds of thousands."""
    told = (losses.c.declared_ns >= period.since_ns) & (losses.c.declared_ns < period.until_ns)
    lost = connection.execute(select(losses.c.lane, LOST).where(told).group_by(losses.c.lane))
    known = connection.execute(select(assets.c.id, assets.c.since_ns).where(assets.c.since_ns < period.until_ns))
    return Figures(
        opened=_counted(connection, _opened(period), period.until_ns),
        carried=_counted(connection, _carried(period), period.until_ns),
        lost={Lane(lane).name.lower(): int(count) for lane, count in lost},
        known={row.id: row.since_ns for row in known},
    )


def listed(connection: Connection, period: Period, units: Collection[str], most: int) -> tuple[Listed, ...]:
    """Alerts of these units in a period, those first that were open when it ended; of them, the oldest first."""
    state, its = _state(period.until_ns), alerts.c.unit.in_(units)
    query = select(alerts.c.title_vi, alerts.c.asset, alerts.c.severity, state.label("then"), alerts.c.opened_ns)
    query = query.where(its, or_(_opened(period), _carried(period)))
    rows = connection.execute(query.order_by(state.in_(_CLOSED), alerts.c.opened_ns, alerts.c.id).limit(most))
    return tuple(Listed(row.title_vi, row.asset, row.severity, State(row.then), row.opened_ns) for row in rows)


def _opened(period: Period) -> ColumnElement[bool]:
    return (alerts.c.opened_ns >= period.since_ns) & (alerts.c.opened_ns < period.until_ns)


def _carried(period: Period) -> ColumnElement[bool]:
    stood = ~alerts.c.closed | (alerts.c.changed_ns >= period.since_ns)
    return (alerts.c.opened_ns < period.since_ns) & stood & _state(period.since_ns).not_in(_CLOSED)


def _counted(connection: Connection, wanted: ColumnElement[bool], at_ns: int) -> tuple[Alerted, ...]:
    alike = (alerts.c.title_vi, alerts.c.unit, alerts.c.severity, _state(at_ns).label("then"))
    rows = connection.execute(select(*alike, func.count().label("number")).where(wanted).group_by(*alike))
    return tuple(Alerted(row.title_vi, row.unit, row.severity, State(row.then), row.number) for row in rows)


def _state(at_ns: int) -> ColumnElement[Any]:
    """The state an alert had at a moment: its own, unless something was done with it since."""
    its = changes.c.alert == alerts.c.id, changes.c.at_ns < at_ns
    last = select(changes.c.after).where(*its).order_by(changes.c.id.desc()).limit(1).scalar_subquery()
    return case((alerts.c.changed_ns < at_ns, alerts.c.state), else_=last)
