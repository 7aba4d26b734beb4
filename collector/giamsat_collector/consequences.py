# SPDX-License-Identifier: Apache-2.0
"""Puts alerts of hosts that are silent because something before them fell behind the alert that says what fell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, select

from giamsat_collector.alerts import causes, ledger
from giamsat_collector.alerts.alert import State
from giamsat_collector.alerts.causes import Open
from giamsat_collector.alerts.tables import alerts
from giamsat_collector.outage import Outage, behind
from giamsat_rules.rule import AbsenceRule, Silence

AT_ONCE: Final = 400
DEVICE: Final = "device_unreachable"
"""The rule whose alert about an agent says that a device it asks does not answer."""
_NS: Final = 1_000_000_000
_COLUMNS: Final = tuple(
    alerts.c[name] for name in ("id", "asset", "rule", "state", "cause", "surfaces_ns", "maintenance")
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many alerts were moved, and how many wait behind another now."""

    moved: int
    apart: int


def settle(
    connection: Connection,
    found: Mapping[str, Outage],
    devices: Mapping[str, str],
    rules: Sequence[AbsenceRule],
    now_ns: int,
) -> Settled:
    """Place every open alert about silence where it belongs while these places are cut off.

    `devices` are silent hosts, and the agent that said of a device before them that it does not answer. Places come
    first: a unit whose line is still down when the centre's is back stands for its hosts at once. What waits behind
    another is placed whatever rule it is of: that one need not be among these any more.
    """
    names = {of: [rule.header.name for rule in rules if rule.of is of] for of in Silence}
    of_places = alerts.c.rule.in_(names[Silence.UNIT] + names[Silence.CENTRE])
    of_hosts = alerts.c.rule.in_(names[Silence.AGENT]) | (alerts.c.cause.is_not(None) & ~of_places)
    places = _open(connection, of_places)
    moved = _place(connection, places, _standing(found, places), now_ns)
    if moved:
        places = _open(connection, of_places)
    told = _in_queue(_open(connection, alerts.c.rule == DEVICE)) if devices else {}
    explained = {host: told[agent] for host, agent in devices.items() if agent in told}
    hosts = _open(connection, of_hosts)
    moved += _place(connection, hosts, explained | _standing(found, places), now_ns)
    waiting = select(func.count()).select_from(alerts).where(~alerts.c.closed, alerts.c.cause.is_not(None))
    return Settled(moved, connection.scalar(waiting) or 0)


def _standing(found: Mapping[str, Outage], places: Sequence[Row[Any]]) -> dict[str, str]:
    """The alert that stands for each host and unit behind a place that is cut off."""
    told = _in_queue(places)
    return {asset: told[place] for asset, place in behind(found, told.keys()).items()}


def _place(connection: Connection, rows: Sequence[Row[Any]], standing: Mapping[str, str], now_ns: int) -> int:
    ended = {row.cause for row in rows if row.cause is not None} - set(standing.values())
    grace_ns = _grace_ns(connection, sorted(ended))
    placings = list(causes.placings(map(_as_open, rows), standing, grace_ns, now_ns))
    for one in placings:
        ledger.place(connection, one, now_ns)
    return len(placings)


def _open(connection: Connection, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
    return connection.execute(select(*_COLUMNS).where(~alerts.c.closed, which)).all()


def _in_queue(rows: Sequence[Row[Any]]) -> Mapping[str, str]:
    """What an alert in the queue is about, and its id."""
    return {row.asset: row.id for row in rows if row.cause is None and row.maintenance is None}


def _as_open(row: Row[Any]) -> Open:
    free = row.maintenance is None and row.state == State.NEW
    return Open(row.id, row.asset, row.cause, row.surfaces_ns, free)


def _grace_ns(connection: Connection, ids: Sequence[str]) -> Mapping[str, int]:
    """How long each of these was waited for before it was told: so long may what stood behind it take to come back."""
    found: dict[str, int] = {}
    for start in range(0, len(ids), AT_ONCE):
        query = select(alerts.c.id, alerts.c.threshold).where(alerts.c.id.in_(ids[start : start + AT_ONCE]))
        rows = connection.execute(query)
        found |= {row.id: int(max(row.threshold.values()) * _NS) for row in rows if row.threshold}
    return found
