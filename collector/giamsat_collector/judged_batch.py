# SPDX-License-Identifier: Apache-2.0
"""What judging some frames leaves in the rows; of most readings that is nothing."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from giamsat_collector import first_seen, recording
from giamsat_collector.alerts import evidence, folds
from giamsat_collector.alerts.alert import Alert
from giamsat_collector.availability import keeping
from giamsat_collector.coverage import minute_rows
from giamsat_collector.coverage.source_minutes import Books, Minute
from giamsat_collector.indicators import rows as indicators
from giamsat_collector.ingest import frames
from giamsat_collector.ingest.frames import Arrival, StoredFrame
from giamsat_collector.ingest.notices import FORGED, WENT_BACK, Notices
from giamsat_collector.ingest.session import Incoming, Missing
from giamsat_collector.judge import Judge, Judged
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.sightings import keeping as sightings
from giamsat_collector.suppressing import ledger as suppressing
from giamsat_collector.traffic import keeping as traffic
from giamsat_rules.behind import Behind
from giamsat_wire.lane import Lane
from giamsat_wire.record import LossReason

SLICE: Final = 50
"""Frames judged before other work of the event loop gets its turn: about 8 ms."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Judged frames, the evidence of them that can be kept, how often each suppression hid something meanwhile.

    `hits` is how often each list of what is known to be evil was met, `behind` which rules tell of the same.
    `told` is what rules on new values are to know after a restart.
    `minutes` of sources are over; frames up to `through` count in them.
    """

    judged: Sequence[tuple[StoredFrame, Judged]]
    packets: Sequence[tuple[StoredFrame, Mapping[str, Any]]]
    hidden: Counter[int]
    hits: Mapping[str, int]
    told: first_seen.Told
    through: int
    minutes: Sequence[Minute]
    behind: Mapping[str, Behind]

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be written."""
        return not (
            self.packets
            or self.hidden
            or self.hits
            or self.told
            or self.minutes
            or any(_tells(one) for _, one in self.judged)
        )

    def record(self, connection: Connection, registry: Registry, notices: Notices, now_ns: int) -> list[Alert]:
        """Write it down; the alerts that this changes."""
        told = ((verdict, frame.lane is Lane.METRIC) for frame, one in self.judged for verdict in one.verdicts)
        alerts = recording.record(connection, told, registry, now_ns)
        folds.settle(connection, alerts, self.behind, now_ns)
        for frame, one in self.judged:
            _keep_aside(connection, frame, one)
            if one.forged is not None:
                notices.remark(connection, frame.agent, FORGED, {"giamsat.claimed": one.forged[:64]})
            if one.loss is not None and one.loss.reason is LossReason.SEQUENCE_REGRESSED:
                notices.remark(connection, frame.agent, WENT_BACK, {})
        for frame, what in self.packets:
            evidence.keep(connection, frame.agent, what, frame.received_ns)
        suppressing.count(connection, self.hidden, now_ns)
        indicators.count(connection, self.hits, now_ns)
        first_seen.keep(connection, self.told)
        keeping.record(connection, (seen for _, one in self.judged for seen in one.seen))
        sightings.record(connection, (host for _, one in self.judged for host in one.sighted))
        traffic.record(connection, (minute for _, one in self.judged for minute in one.flows))
        if self.minutes:
            minute_rows.keep(connection, self.through, self.minutes)
        return alerts


async def judge_all(judge: Judge, books: Books, batch: Sequence[StoredFrame]) -> list[tuple[StoredFrame, Judged]]:
    """Judge frames, and count them, in slices between which other work of the event loop gets its turn."""
    judged: list[tuple[StoredFrame, Judged]] = []
    for at in range(0, len(batch), SLICE):
        await asyncio.sleep(0)
        some = batch[at : at + SLICE]
        for frame, one in zip(some, judge.frames(some), strict=True):
            books.take(frame.id, frame.agent, at_ns=frame.received_ns, told=one.told, received=one.received)
            judged.append((frame, one))
    return judged


def _tells(judged: Judged) -> bool:
    return bool(
        judged.verdicts
        or judged.forged is not None
        or judged.poison is not None
        or judged.loss is not None
        or judged.seen
        or judged.sighted
        or judged.flows
    )


def _keep_aside(connection: Connection, frame: StoredFrame, judged: Judged) -> None:
    if judged.poison is not None:
        incoming = Incoming(frame.lane, frame.epoch, frame.seq, frame.flags, frame.payload, 0)
        frames.set_aside(connection, Arrival(frame.agent, incoming, frame.received_ns, frame.offset_ns, judged.poison))
    if judged.loss is not None:
        loss = judged.loss
        missing = Missing(loss.lane, loss.epoch, loss.first, loss.last)
        reason, at_ns = loss.reason.value, frame.received_ns
        frames.declare(connection, frame.agent, [missing], reason=reason, at_ns=at_ns, count=loss.frames or None)
