# SPDX-License-Identifier: Apache-2.0
"""A month of every system: its checks' minutes added up, declared maintenance left out."""

import calendar
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from sqlalchemy import Connection, select

from giamsat_collector.availability import maintenance
from giamsat_collector.availability.keeping import DAY
from giamsat_collector.availability.maintenance import Maintenance
from giamsat_collector.availability.minutes import MINUTE_NS, Life, Span, Tally, tally
from giamsat_collector.availability.tables import checks, days
from giamsat_collector.errors import RefusedError
from giamsat_collector.registry.tables import memberships

_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Availability:
    """How a system did in a month. `checks` are (asset, check) with the tally of each alone."""

    system: str
    whole: Tally
    checks: Mapping[tuple[str, str], Tally]
    maintenances: tuple[Maintenance, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """Every system that is checked, in a month as far as it has passed."""

    name: str
    span: Span
    systems: Mapping[str, Availability]


def span(month: str, zone: tzinfo, now_ns: int) -> Span:
    """The minutes of a month such as 2026-10 in a zone, as far as it has passed, this very minute included.

    Raises:
        RefusedError: it is no month, or has not begun.
    """
    found = _MONTH.fullmatch(month)
    if found is None:
        raise RefusedError("{month!r} is no month; write it as 2026-10", month=month[:20])
    year, number = int(found[1]), int(found[2])
    first = _minute(datetime(year, number, 1, tzinfo=zone))
    following = (year + number // 12, number % 12 + 1)
    end = min(_minute(datetime(*following, 1, tzinfo=zone)), now_ns // MINUTE_NS + 1)
    if end <= first:
        raise RefusedError("{month} has not begun yet", month=month)
    return Span(first, end)


def current(zone: tzinfo, now_ns: int) -> str:
    """The month it is now."""
    return f"{datetime.fromtimestamp(now_ns / 10**9, zone):%Y-%m}"


def members(connection: Connection) -> dict[str, list[str]]:
    """Which assets belong to each system now."""
    found: dict[str, list[str]] = {}
    for row in connection.execute(select(memberships)):
        found.setdefault(row.system, []).append(row.asset)
    return found


def read(
    connection: Connection, name: str, over: Span, belonging: Mapping[str, Collection[str]] | None = None
) -> Month:
    """Add a month up, for systems of these assets; without them as they belong together now."""
    lives = _lives(connection, over)
    of_asset: dict[str, list[tuple[str, str]]] = {}
    for key in lives:
        of_asset.setdefault(key[0], []).append(key)
    its_checks = {
        system: [key for asset in assets for key in of_asset.get(asset, ())]
        for system, assets in (members(connection) if belonging is None else belonging).items()
    }
    declared = maintenance.between(connection, over.first * MINUTE_NS, over.end * MINUTE_NS)
    return Month(
        name,
        over,
        {
            system: _availability(system, {key: lives[key] for key in keys}, declared, over)
            for system, keys in sorted(its_checks.items())
            if keys
        },
    )


def _availability(
    system: str, lives: Mapping[tuple[str, str], Life], declared: Iterable[Maintenance], over: Span
) -> Availability:
    its = tuple(one for one in declared if one.system == system)
    left_out = 0
    for one in its:
        if one.withdrawn_ns is None:
            left_out |= over.within(one.from_ns // MINUTE_NS, -(-one.to_ns // MINUTE_NS))
    return Availability(
        system,
        tally(over, lives.values(), left_out),
        {key: tally(over, [life], left_out) for key, life in lives.items()},
        its,
    )


def _lives(connection: Connection, over: Span) -> dict[tuple[str, str], Life]:
    """Every check that was configured at some time of a span."""
    minutes: dict[tuple[str, str], tuple[int, int]] = {}
    inside = (days.c.day >= over.first // DAY) & (days.c.day <= over.end // DAY)
    for row in connection.execute(select(days).where(inside)):
        up, down = minutes.get((row.asset, row.check_name), (0, 0))
        at = row.day * DAY - over.first
        minutes[row.asset, row.check_name] = (up | _placed(row.up, at), down | _placed(row.down, at))
    found = {}
    for row in connection.execute(select(checks).where(checks.c.first < over.end)):
        there = over.within(row.first, over.end if row.ended is None else row.ended)
        if there:
            up, down = minutes.get((row.asset, row.check_name), (0, 0))
            found[row.asset, row.check_name] = Life(there, up & over.bits, down & over.bits)
    return found


def _placed(data: bytes, at: int) -> int:
    bits = int.from_bytes(data, "little")
    return bits << at if at >= 0 else bits >> -at


def _minute(at: datetime) -> int:
    return calendar.timegm(at.astimezone(UTC).timetuple()) // 60


def as_json(found: Availability, over: Span) -> dict[str, Any]:
    """The shape that tools read."""
    return {
        **_numbers(found.whole),
        "from": _written(over.first),
        "to": _written(over.end),
        "outages": [
            {"from": _written(one.first), "to": _written(one.first + one.minutes), "minutes": one.minutes}
            for one in found.whole.outages
        ],
        "checks": [
            {"asset": asset, "check": check, **_numbers(one)} for (asset, check), one in sorted(found.checks.items())
        ],
        "maintenances": [declaration(one) for one in found.maintenances],
    }


def declaration(one: Maintenance) -> dict[str, Any]:
    """A declared maintenance as tools read it."""
    return {
        "id": one.id,
        "system": one.system,
        "from": _written(one.from_ns // MINUTE_NS),
        "to": _written(one.to_ns // MINUTE_NS),
        "reason": one.reason,
        "author": one.author,
        "declared": _written(one.at_ns // MINUTE_NS),
        "in_advance": one.in_advance,
        "withdrawn_by": one.withdrawn_by,
        "second": one.second,
    }


def _numbers(one: Tally) -> dict[str, Any]:
    return {
        "availability": one.ratio,
        "known": one.known,
        "up_minutes": one.up,
        "down_minutes": one.down,
        "unknown_minutes": one.unknown,
        "maintenance_minutes": one.maintenance,
    }


def _written(minute: int) -> str:
    return f"{datetime.fromtimestamp(minute * 60, UTC):%Y-%m-%dT%H:%MZ}"
