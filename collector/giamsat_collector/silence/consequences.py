# SPDX-License-Identifier: Apache-2.0
"""Puts alerts of hosts that are silent because something before them fell behind the alert that says what fell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from giamsat_collector.alerts import causes, ledger
from giamsat_collector.alerts.alert import Relation, State
from giamsat_collector.alerts.causes import Open
from giamsat_collector.alerts.tables import alerts
from giamsat_collector.silence.outage import Away, Outage, behind
from giamsat_rules.rule import AbsenceRule, Silence
from giamsat_wire.clock import SECOND_NS

AT_ONCE: Final = 400
DEVICE: Final = "device_unreachable"
"""The rule whose alert about an agent says that a device it asks does not answer."""
DEVICE_GRACE_NS: Final = 900_000_000_000
"""So long it may take until an agent asks a device again that stayed away, and tells that it is back."""
_COLUMNS: Final = tuple(
    alerts.c[name] for name in ("id", "asset", "rule", "state", "cause", "surfaces_ns", "maintenance", "opened_ns")
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many alerts were moved, and how many wait behind another now."""

    moved: int
    apart: int


def settle(
    connection: Connection, away: Away, rules: Sequence[AbsenceRule], now_ns: int, most: int = AT_ONCE
) -> Settled:
    """Place every open alert about silence where it belongs while all this is away; of many the newest `most`.

    What is left is placed when this is called again: where each belongs is told by the rows alone.
    Places come first, then devices, then hosts: a unit whose line is still down when the centre's is back stands for
    its hosts at once. What waits behind another is placed whatever rule it is of: that one need not be among these any
    more.
    """
    names = {of: [rule.header.name for rule in rules if rule.of is of] for of in Silence}
    of_places = [alerts.c.rule == name for name in names[Silence.UNIT] + names[Silence.CENTRE]]
    of_devices = [alerts.c.rule == DEVICE]
    of_agents = [alerts.c.rule == name for name in names[Silence.AGENT]]
    fallen = alerts.c.relation == Relation.CONSEQUENCE
    of_hosts = [*of_agents, fallen & ~or_(*of_places, *of_devices, *of_agents)]
    places = _open(connection, of_places)
    moved = _place(connection, places, _standing(away.places, places), now_ns, most=most)
    if moved:
        places = _open(connection, of_places)
    standing = _standing(away.places, places)
    asked = _open(connection, of_devices, alerts.c.groups)
    fell = dict(_fallen(asked, away.devices, {**_in_queue(places), **standing}))
    moved += _place(connection, asked, fell, now_ns, most=most - moved, least_ns=DEVICE_GRACE_NS)
    told = _in_queue(_open(connection, of_devices)) if away.hosts else {}
    explained = {host: told[agent] for host, agent in away.hosts.items() if agent in told}
    moved += _place(connection, _open(connection, of_hosts), explained | standing, now_ns, most=most - moved)
    waiting = select(func.count()).select_from(alerts).where(~alerts.c.closed, fallen)
    return Settled(moved, connection.scalar(waiting) or 0)


def _standing(found: Mapping[str, Outage], places: Sequence[Row[Any]]) -> dict[str, str]:
    """The alert that stands for each host and unit behind a place that is cut off."""
    told = _in_queue(places)
    return {asset: told[place] for asset, place in behind(found, told.keys()).items()}


def _fallen(
    rows: Sequence[Row[Any]], devices: Mapping[str, Mapping[str, str]], told: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The agents all of whose devices that are away stand before a place that is cut off, and the alert of that."""
    for row in rows:
        ways = devices.get(row.asset, {})
        away = {group["group"].get("observer.name") for group in row.groups if not group.get("over")}
        stands = {told.get(ways.get(name, "")) for name in away}
        if len(stands) == 1 and (cause := stands.pop()):
            yield row.asset, cause


def _place(
    connection: Connection,
    rows: Sequence[Row[Any]],
    standing: Mapping[str, str],
    now_ns: int,
    *,
    most: int,
    least_ns: int = 0,
) -> int:
    """Put them where they stand now; what stood behind something that is over is given `least_ns` at the least."""
    ended = {row.cause for row in rows if row.cause is not None} - set(standing.values())
    grace_ns = {one: max(waited_ns, least_ns) for one, waited_ns in _grace_ns(connection, sorted(ended)).items()}
    newest_first = sorted(rows, key=lambda row: row.opened_ns, reverse=True)
    placings = list(islice(causes.placings(map(_as_open, newest_first), standing, grace_ns, now_ns), most))
    for one in placings:
        ledger.place(connection, one, now_ns)
    return len(placings)


def _open(
    connection: Connection, which: Iterable[ColumnElement[bool]], *more: ColumnElement[Any]
) -> Sequence[Row[Any]]:
    """Those that are not closed, without any that stands behind another as both tell of the same; `more` of each.

    `which` have none in common. They are asked for one by one: of several at once SQLite believes that it is quicker to
    read everything that is not closed.
    """
    ours = alerts.c.relation.is_(None) | (alerts.c.relation != Relation.SAME)
    every = (select(*_COLUMNS, *more).where(~alerts.c.closed, ours, one) for one in which)
    return [row for one in every for row in connection.execute(one)]


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
        found |= {row.id: int(max(row.threshold.values()) * SECOND_NS) for row in rows if row.threshold}
    return found
