# SPDX-License-Identifier: Apache-2.0
"""The rows of the ingest side: frames in, and frames out to the pipeline in the order they were committed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Select, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from giamsat_collector.event_time import OLDEST_CARRIED_NS, OLDEST_NS, Moment, moment
from giamsat_collector.ingest.session import Incoming, Mark, Missing
from giamsat_collector.ingest.tables import frames, high_water, losses, quarantine
from giamsat_wire.lane import Lane

_INSERT: Final[dict[str, Callable[[Table], sqlite.Insert]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,  # type: ignore[dict-item]  # the same two methods, no common type
}
ROWS_AT_ONCE: Final = 64
"""Frames one statement adds: a power of two, so that few different statements are prepared."""
SET_ASIDE: Final = 2_000
"""Frames of one agent that are kept although they cannot be read."""
CARRIED: Final = 1 << 8
"""Beside the flags of the wire: this frame came by hand, long after it was made."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame taken in from an agent: when, and how far that host's clock was off (collector minus host)."""

    agent: str
    frame: Incoming
    received_ns: int
    offset_ns: int
    poison: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A committed frame; ids grow in the order of commits."""

    id: int
    agent: str
    epoch: int
    lane: Lane
    seq: int
    flags: int
    received_ns: int
    offset_ns: int
    payload: bytes

    def when(self, wall_ns: int) -> Moment:
        """When something in it happened that the host's clock says was at `wall_ns`."""
        oldest_ns = OLDEST_CARRIED_NS if self.flags & CARRIED else OLDEST_NS
        return moment(wall_ns=wall_ns, offset_ns=self.offset_ns, received_ns=self.received_ns, oldest_ns=oldest_ns)

    def times(self, walls_ns: Sequence[int]) -> list[int] | None:
        """The same of several, as times alone; None where one of them is not believed."""
        if not walls_ns:
            return []
        first, last = self.when(min(walls_ns)), self.when(max(walls_ns))
        added = first.at_ns - min(walls_ns)
        return None if first.clamped or last.clamped else [wall_ns + added for wall_ns in walls_ns]


def append(connection: Connection, arrivals: Sequence[Arrival]) -> tuple[StoredFrame, ...]:
    """Store frames and move the high-water marks, all or nothing; the frames as they will be read."""
    good = [arrival for arrival in arrivals if arrival.poison is None]
    rows = [
        (
            arrival.agent,
            arrival.frame.epoch,
            int(arrival.frame.lane),
            arrival.frame.seq,
            arrival.frame.flags,
            arrival.received_ns,
            arrival.offset_ns,
            arrival.frame.payload,
        )
        for arrival in good
    ]
    at = 0
    while at < len(rows):
        some = rows[at : at + (1 << min(len(rows) - at, ROWS_AT_ONCE).bit_length() - 1)]
        connection.exec_driver_sql(_append(connection.dialect, len(some)), tuple(chain.from_iterable(some)))
        at += len(some)
    for arrival in arrivals:
        if arrival.poison is not None:
            set_aside(connection, arrival)
    last = {(arrival.agent, arrival.frame.lane): arrival.frame for arrival in arrivals}
    marks = [(agent, Mark(lane, frame.epoch, frame.seq, frame.crc)) for (agent, lane), frame in last.items()]
    mark(connection, marks)
    before = newest(connection) - len(good) if good else 0
    return tuple([_stored(before + number, arrival) for number, arrival in enumerate(good, 1)])


@cache
def _append(dialect: Dialect, rows: int) -> str:
    """The statement that adds so many frames, as the driver wants it; it takes the values of the rows as they are.

    One statement for many rows: the interpreter is handed to the other threads once, and not for each row.
    """
    given = {column.name: None for column in frames.c if column is not frames.c.id}
    return str(insert(frames).values([given] * rows).compile(dialect=dialect))


def _stored(frame_id: int, arrival: Arrival) -> StoredFrame:
    frame, received_ns, offset_ns = arrival.frame, arrival.received_ns, arrival.offset_ns
    its = (arrival.agent, frame.epoch, frame.lane, frame.seq, frame.flags, received_ns, offset_ns, frame.payload)
    return StoredFrame(frame_id, *its)


def set_aside(connection: Connection, arrival: Arrival) -> None:
    """Keep a frame that cannot be read, with the reason; of an agent that sends more, the oldest go."""
    connection.execute(
        insert(quarantine).values(
            agent=arrival.agent,
            epoch=arrival.frame.epoch,
            lane=int(arrival.frame.lane),
            seq=arrival.frame.seq,
            received_ns=arrival.received_ns,
            reason=(arrival.poison or "")[:200],
            payload=arrival.frame.payload,
        )
    )
    its = quarantine.c.agent == arrival.agent
    too_many = select(quarantine.c.id).where(its).order_by(quarantine.c.id.desc()).offset(SET_ASIDE).limit(1)
    connection.execute(delete(quarantine).where(its, quarantine.c.id <= too_many.scalar_subquery()))


def mark(connection: Connection, marks: Collection[tuple[str, Mark]]) -> None:
    """Say, for each agent and lane, up to where everything is durable."""
    if not marks:
        return
    rows = [(agent, int(to.lane), to.epoch, to.seq, to.crc) for agent, to in marks]
    connection.exec_driver_sql(_move_marks(connection.dialect), rows)


@cache
def _move_marks(dialect: Dialect) -> str:
    """The statement that moves high-water marks, likewise."""
    upsert = _INSERT[dialect.name](high_water)
    moved = upsert.on_conflict_do_update(
        index_elements=[high_water.c.agent, high_water.c.lane],
        set_={"epoch": upsert.excluded.epoch, "seq": upsert.excluded.seq, "crc": upsert.excluded.crc},
        where=(upsert.excluded.epoch != high_water.c.epoch) | (upsert.excluded.seq > high_water.c.seq),
    )
    return str(moved.compile(dialect=dialect))


def declare(
    connection: Connection, agent: str, missing: Iterable[Missing], *, reason: str, at_ns: int, count: int | None = None
) -> None:
    """Record frames that will never come: all of what is `missing`, or `count` of each."""
    for gap in missing:
        connection.execute(
            insert(losses).values(
                agent=agent,
                lane=int(gap.lane),
                epoch=gap.epoch,
                first=gap.first,
                last=gap.last,
                reason=reason,
                declared_ns=at_ns,
                frames=count,
            )
        )


def marks_of(connection: Connection, agent: str) -> tuple[Mark, ...]:
    """How far each lane of an agent is durable."""
    rows = connection.execute(select(high_water).where(high_water.c.agent == agent))
    return tuple(Mark(Lane(row.lane), row.epoch, row.seq, row.crc) for row in rows)


def gaps_ahead(connection: Connection, agent: str, mark: Mark, *, reason: str) -> tuple[Missing, ...]:
    """What was declared lost, for this reason, in the lane and epoch of a mark and beyond it."""
    rows = connection.execute(
        select(losses.c.first, losses.c.last).where(
            losses.c.agent == agent,
            losses.c.lane == int(mark.lane),
            losses.c.epoch == mark.epoch,
            losses.c.last > mark.seq,
            losses.c.reason == reason,
        )
    )
    return tuple(Missing(mark.lane, mark.epoch, row.first, row.last) for row in rows)


def after(connection: Connection, frame_id: int, most: int) -> tuple[StoredFrame, ...]:
    """At most `most` frames committed after the one with this id, oldest first."""
    return _frames(connection, select(frames).where(frames.c.id > frame_id).order_by(frames.c.id).limit(most))


def between(
    connection: Connection, frame_id: int, up_to: int, most: int, *, readings_after: int
) -> tuple[StoredFrame, ...]:
    """Likewise, not after `up_to`, and of those of metrics only the ones after `readings_after`."""
    wanted = (frames.c.lane != int(Lane.METRIC)) | (frames.c.id > readings_after)
    within = select(frames).where(frames.c.id > frame_id, frames.c.id <= up_to, wanted)
    return _frames(connection, within.order_by(frames.c.id).limit(most))


def payloads(connection: Connection, last: Mark, *, agent: str, first: int) -> dict[int, tuple[int, bytes]]:
    """What is still kept of an agent's frames from the number `first` to the mark: flags and payload by number."""
    its = (frames.c.agent == agent, frames.c.epoch == last.epoch, frames.c.lane == int(last.lane))
    wanted = select(frames.c.seq, frames.c.flags, frames.c.payload)
    rows = connection.execute(wanted.where(*its, frames.c.seq.between(first, last.seq)))
    return {row.seq: (row.flags, row.payload) for row in rows}


def newest_ns(connection: Connection) -> int | None:
    """When the frame that was received last was received; None when there is none."""
    found: int | None = connection.scalar(select(func.max(frames.c.received_ns)))
    return found


def newest(connection: Connection) -> int:
    """The id of the newest frame; 0 when there is none."""
    return connection.scalar(select(func.max(frames.c.id))) or 0


def _frames(connection: Connection, wanted: Select[Any]) -> tuple[StoredFrame, ...]:
    return tuple(
        StoredFrame(
            row.id,
            row.agent,
            row.epoch,
            Lane(row.lane),
            row.seq,
            row.flags,
            row.received_ns,
            row.offset_ns,
            row.payload,
        )
        for row in connection.execute(wanted)
    )


def first_since(connection: Connection, received_ns: int) -> int:
    """The id before the first frame received at or after a time; when there is none, that of the newest frame."""
    found = connection.scalar(select(func.min(frames.c.id)).where(frames.c.received_ns >= received_ns))
    return newest(connection) if found is None else int(found) - 1


def forget_before(
    connection: Connection, received_ns: int, *, after: int, up_to_id: int, most: int, now_ns: int
) -> int | None:
    """Of `most` frames after an id and not after `up_to_id`, delete those received before a time.

    Returns after which id to go on; None where one was met that is to stay: what came later is to stay, too. One that
    a clock which ran ahead put behind `now_ns` says nothing of those that came later.
    """
    within = select(frames.c.id, frames.c.received_ns).where(frames.c.id > after, frames.c.id <= up_to_id)
    found = connection.execute(within.order_by(frames.c.id).limit(most)).all()
    if any(frame.received_ns < received_ns for frame in found):
        its = frames.c.id.between(found[0].id, found[-1].id)
        connection.execute(delete(frames).where(its, frames.c.received_ns < received_ns))
    if len(found) < most or any(received_ns <= frame.received_ns <= now_ns for frame in found):
        return None
    return int(found[-1].id)
