# SPDX-License-Identifier: Apache-2.0
"""What must be true of a collector's rows after any history of it and its agent."""

from collections.abc import Iterator, Mapping
from typing import Any

from giamsat_collector.ingest.tables import frames, high_water, losses, quarantine
from giamsat_wire.chain import ChainDecoder
from giamsat_wire.codec import decode
from giamsat_wire.lane import Lane
from giamsat_wire.record import Loss, LossReason
from support import metric_frames
from support.crash_history import BrokenPromiseError
from support.metric_frames import RAW
from support.simulated_collector import Database


def settled(database: Database) -> dict[tuple[Lane, int], int]:
    """Up to where everything of a lane and epoch is in rows: the frames, and behind them what was declared lost."""
    marks = {(Lane(row["lane"]), row["epoch"]): row["seq"] for row in database.rows(high_water)}
    for row in sorted(database.rows(losses), key=lambda row: row["first"]):
        lane = (Lane(row["lane"]), row["epoch"])
        if row["first"] <= marks.get(lane, 0) + 1:
            marks[lane] = max(marks.get(lane, 0), row["last"])
    return marks


def check(database: Database, promised: Mapping[tuple[Lane, int], bytes], *, alone: bool, once: bool = True) -> None:
    """Each promised payload is stored `once`, in order, or its number is declared lost; once if they were left `alone`.

    Raises:
        BrokenPromiseError: it is not so.
    """
    times: dict[tuple[Lane, bytes], int] = {}
    last: dict[tuple[Lane, int], int] = {}
    gone = _declared(database, once=alone)
    for row in database.rows(frames):
        lane, seq, payload = Lane(row["lane"]), row["seq"], row["payload"]
        if seq <= last.get((lane, row["epoch"]), 0):
            raise BrokenPromiseError(f"{lane.name} {seq}: stored out of order")
        last[(lane, row["epoch"])] = seq
        said = metric_frames.identity(row["flags"], payload) if lane is Lane.METRIC else payload
        times[(lane, said)] = times.get((lane, said), 0) + 1
        if lane is Lane.URGENT and row["flags"] != RAW:
            gone += _told_lost(row, once=once)
    for (lane, seq), payload in promised.items():
        stored = times.get((lane, payload), 0)
        if stored > 1 and once:
            raise BrokenPromiseError(f"{lane.name} {seq}: stored {stored} times")
        if not stored and not any(lane is its and first <= seq <= end for its, first, end in gone):
            raise BrokenPromiseError(f"{lane.name} {seq}: committed, and neither stored nor declared lost")
    _read(database)
    if database.rows(quarantine):
        raise BrokenPromiseError("a frame was damaged on the way")


def _read(database: Database) -> None:
    """Readings are read as what they were, or not at all; BrokenPromiseError when it is not so."""
    readers: dict[int, metric_frames.Reader] = {}
    for row in database.rows(frames):
        reader = readers.setdefault(row["epoch"], metric_frames.Reader())
        if row["lane"] == Lane.METRIC and not reader.believes(row["flags"], row["payload"]):
            raise BrokenPromiseError(f"METRIC {row['seq']}: read as what it never was")


def _declared(database: Database, *, once: bool) -> list[tuple[Lane, int, int]]:
    """What the collector declared lost by itself."""
    rows = database.rows(losses)
    numbers = [(row["lane"], row["epoch"], one) for row in rows for one in range(row["first"], row["last"] + 1)]
    if once and len(numbers) != len(set(numbers)):
        raise BrokenPromiseError("the collector declared a number lost twice")
    return [(Lane(row["lane"]), row["first"], row["last"]) for row in rows]


def _told_lost(row: Mapping[str, Any], *, once: bool) -> Iterator[tuple[Lane, int, int]]:
    """What a frame of the agent declares lost; no agent that stayed as it was says that it went back."""
    found = decode(row["flags"], row["payload"], ChainDecoder(()))
    if isinstance(found, Loss) and found.reason is LossReason.SEQUENCE_REGRESSED:
        if once:
            raise BrokenPromiseError(f"{found.lane.name}: a spool that never went back says that it did")
    elif isinstance(found, Loss):
        yield found.lane, found.first, found.last
