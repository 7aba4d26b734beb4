# SPDX-License-Identifier: Apache-2.0
"""In which minutes something came from an agent, by the frames that are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from giamsat_collector.ingest.tables import LOST, frames, losses, quarantine
from giamsat_wire.lane import Lane

MINUTE_NS: Final = 60 * 1_000_000_000
HOUR_NS: Final = 60 * MINUTE_NS


@dataclass(frozen=True, slots=True)
class Hour:
    """What arrived in an hour by the collector's clock: frames by lane, and in how many of its minutes.

    `lost` are frames declared lost in it, `unread` frames that came and could not be read.
    """

    start_ns: int
    frames: Mapping[Lane, int]
    minutes: int
    lost: int
    unread: int


def hours(connection: Connection, agent: str, since_ns: int, until_ns: int) -> Sequence[Hour]:
    """Every hour of a time, oldest first, with those in which nothing came."""
    minute = (frames.c.received_ns // MINUTE_NS).label("minute")
    came = select(minute, frames.c.lane, func.count().label("frames")).where(
        frames.c.agent == agent, frames.c.received_ns >= since_ns, frames.c.received_ns < until_ns
    )
    counted: dict[int, dict[Lane, int]] = {}
    minutes: dict[int, set[int]] = {}
    for row in connection.execute(came.group_by(minute, frames.c.lane)):
        hour = row.minute // 60
        lanes = counted.setdefault(hour, {})
        lanes[Lane(row.lane)] = lanes.get(Lane(row.lane), 0) + row.frames
        minutes.setdefault(hour, set()).add(row.minute)
    lost, unread = _lost(connection, agent, since_ns, until_ns), _unread(connection, agent, since_ns, until_ns)
    return [
        Hour(
            hour * HOUR_NS,
            counted.get(hour, {}),
            len(minutes.get(hour, ())),
            lost.get(hour, 0),
            unread.get(hour, 0),
        )
        for hour in range(since_ns // HOUR_NS, -(-until_ns // HOUR_NS))
    ]


def oldest(connection: Connection) -> int | None:
    """When the oldest frame that is kept came; before it nothing is known by the minute."""
    found: int | None = connection.scalar(select(func.min(frames.c.received_ns)))
    return found


def _lost(connection: Connection, agent: str, since_ns: int, until_ns: int) -> dict[int, int]:
    hour = (losses.c.declared_ns // HOUR_NS).label("hour")
    count = LOST.label("frames")
    told = losses.c.agent == agent, losses.c.declared_ns >= since_ns, losses.c.declared_ns < until_ns
    return {row.hour: int(row.frames) for row in connection.execute(select(hour, count).where(*told).group_by(hour))}


def _unread(connection: Connection, agent: str, since_ns: int, until_ns: int) -> dict[int, int]:
    hour = (quarantine.c.received_ns // HOUR_NS).label("hour")
    came = quarantine.c.agent == agent, quarantine.c.received_ns >= since_ns, quarantine.c.received_ns < until_ns
    query = select(hour, func.count().label("frames")).where(*came).group_by(hour)
    return {row.hour: row.frames for row in connection.execute(query)}
